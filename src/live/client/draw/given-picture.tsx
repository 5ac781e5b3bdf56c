import type { Picture } from "./picture.js";

/** The picture that is recognised in place of a drawing, and what was done to it so that the network can read it. */
export function GivenPicture({
  picture,
  notes,
  onRemove,
}: {
  readonly picture: Picture;
  readonly notes: readonly string[];
  readonly onRemove: () => void;
}) {
  return (
    <div class="card draw-picture">
      <b>{picture.name}</b>
      {notes.map((note) => (
        <span key={note} class="muted">
          {note}
        </span>
      ))}
      <button type="button" class="button" onClick={onRemove}>
        Remove it
      </button>
    </div>
  );
}
