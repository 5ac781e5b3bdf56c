import type { ComponentChildren } from "preact";
import "./recognition.css";

/** A picture of a few pixels, each of which is to be seen, with what it shows below it. */
export function PixelPicture({
  uri,
  alt,
  children,
}: {
  readonly uri: string;
  readonly alt: string;
  readonly children: ComponentChildren;
}) {
  return (
    <figure class="pixel-picture">
      <img class="digit" src={uri} alt={alt} />
      <figcaption>{children}</figcaption>
    </figure>
  );
}
