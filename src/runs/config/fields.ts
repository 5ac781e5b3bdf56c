import { Type } from "typebox";

// Short ways to say what a setting may be; what each is for stands in its description, which editors show.

/** A finite number within these bounds. */
export function number(
  description: string,
  bounds: {
    readonly minimum?: number;
    readonly exclusiveMinimum?: number;
    readonly maximum?: number;
    readonly exclusiveMaximum?: number;
    readonly default?: number;
  } = {},
) {
  return Type.Optional(Type.Number({ description, ...bounds }));
}

/** A whole number within these bounds. */
export function wholeNumber(
  description: string,
  bounds: { readonly minimum: number; readonly maximum?: number; readonly default?: number },
) {
  return Type.Optional(Type.Integer({ description, maximum: Number.MAX_SAFE_INTEGER, ...bounds }));
}

export function flag(description: string, standard?: boolean) {
  return Type.Optional(Type.Boolean({ description, ...(standard !== undefined && { default: standard }) }));
}

export function text(description: string) {
  return Type.Optional(Type.String({ description, minLength: 1 }));
}

/** One of these names. */
export function choice<const Names extends readonly string[]>(
  names: Names,
  description: string,
  standard?: Names[number],
) {
  return Type.Optional(
    Type.Enum([...names] as Names[number][], {
      description,
      ...(standard !== undefined && { default: standard }),
    }),
  );
}

/** An object that has a `type`, and of other properties these. */
export function typed<const Name extends string, Fields extends Parameters<typeof Type.Object>[0]>(
  type: Name,
  fields: Fields,
  description: string,
) {
  return Type.Object({ type: Type.Literal(type), ...fields }, { description, additionalProperties: false });
}
