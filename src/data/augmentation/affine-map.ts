import type { Coordinates } from "./warp.js";

/** A movement of a picture in its plane: it is made larger and turned about its centre, and then shifted. */
export interface Movement {
  /** Pixels to the right. */
  readonly right: number;
  /** Pixels downward. */
  readonly down: number;
  /** Degrees, counter-clockwise as one sees it. */
  readonly angle: number;
  /** Times as large, above 0. */
  readonly size: number;
}

/**
 * Where each pixel of the moved picture lies in the picture as it was: the inverse of the movement,
 * c + R⁻¹ (p - c - t) / size, with the centre c, the rotation R and the shift t.
 *
 * @param out [height * width] of each, overwritten.
 */
export function mapAffine({ right, down, angle, size }: Movement, out: Coordinates): void {
  const { x, y, width, height } = out;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const cosine = Math.cos((angle * Math.PI) / 180) / size;
  const sine = Math.sin((angle * Math.PI) / 180) / size;
  // y points downward, so that the rotation by -angle has these signs.
  for (let row = 0, i = 0; row < height; row++) {
    const fromCentreY = row - centreY - down;
    const rowX = centreX - sine * fromCentreY;
    const rowY = centreY + cosine * fromCentreY;
    for (let column = 0; column < width; column++, i++) {
      const fromCentreX = column - centreX - right;
      x[i] = rowX + cosine * fromCentreX;
      y[i] = rowY + sine * fromCentreX;
    }
  }
}
