interface NewerModelProps {
  /** Whether a newer model than the one that is shown is known. */
  readonly isOutdated: boolean;
  /** Whether there are models to come. */
  readonly canFollow: boolean;
  readonly follows: boolean;
  readonly onLook: () => void;
  readonly onFollow: (follows: boolean) => void;
}

/** Says quietly that training has gone on: nothing changes under the reader's eyes unless that is asked for. */
export function NewerModel({ isOutdated, canFollow, follows, onLook, onFollow }: NewerModelProps) {
  const isOffered = isOutdated && !follows;
  return (
    <div class="look-newer">
      <p role="status">{isOffered ? "The network has learned more since." : ""}</p>
      {isOffered && (
        <button type="button" class="button" onClick={onLook}>
          Look anew
        </button>
      )}
      {(canFollow || follows) && (
        <label class="check">
          <input
            type="checkbox"
            checked={follows}
            onChange={({ currentTarget }) => onFollow(currentTarget.checked)}
          />
          Always the newest
        </label>
      )}
    </div>
  );
}
