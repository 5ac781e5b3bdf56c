import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";

/** The most units that a layer may have. */
export const LARGEST_LAYER = 1_000_000;

/** @throws InvalidArgumentError unless this is a number of units that a layer may have. */
export function checkUnits(units: unknown, where: string): void {
  if (!Number.isInteger(units) || (units as number) < 1 || (units as number) > LARGEST_LAYER) {
    throw new InvalidArgumentError(
      `Expected a whole number from 1 to ${LARGEST_LAYER} for the units of ${where} but received ${show(units)}.`,
    );
  }
}

/** @throws InvalidArgumentError unless this is a finite number in the range. */
export function checkNumber(
  name: string,
  value: unknown,
  isAllowed: (value: number) => boolean,
  range: string,
): void {
  if (typeof value !== "number" || !Number.isFinite(value) || !isAllowed(value)) {
    throw new InvalidArgumentError(`Expected a number ${range} for ${name} but received ${show(value)}.`);
  }
}
