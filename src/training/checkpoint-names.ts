// Apart from what writes them, so that who only names them need not load it.

/** Of the file with the last checkpoint. */
export const LAST_CHECKPOINT = "last.safetensors";
/** Of the file with the best one. */
export const BEST_CHECKPOINT = "best.safetensors";
