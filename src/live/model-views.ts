import type { GrayImage } from "../formats/png.js";
import type {
  Confusion,
  HiddenSpace,
  ImageInDetail,
  ImagesPage,
  ImagesQuery,
  Mistakes,
  Neighbours,
  Part,
  Recognition,
} from "./protocol.js";

/** What can be seen of a model. All of it is computed when it is asked for, in pieces between which others are answered. */
export interface ModelView {
  readonly version: number;
  /** @throws InvalidArgumentError where the network does not read images, or a picture is out of bounds. */
  recognise(picture: GrayImage): Promise<Recognition>;
  /** An SVG document: the weights of the first layer, as `report/` draws them. */
  weightsFigure(theme: "light" | "dark"): Promise<string>;
  confusion(): Promise<Confusion>;
  mistakes(count: number): Promise<Mistakes>;
  images(query: ImagesQuery): Promise<ImagesPage>;
  image(part: Part, position: number): Promise<ImageInDetail>;
  nearest(part: Part, position: number, count: number): Promise<Neighbours>;
  hidden(part: Part, count: number): Promise<HiddenSpace>;
}

/** The views of the models that were asked for last. */
export interface ModelViews {
  /**
   * @param id Of a run.
   * @returns `undefined` where the run is not known, or has no model yet.
   */
  of(id: string): Promise<ModelView | undefined>;
}
