/** Colours that a style sheet has for classes: `--class-0` and so on. */
const COLOURS = 10;

/** Outlines within a square from -1 to 1, none of which is another's turned or scaled by a little. */
const SHAPES: readonly (readonly (readonly [x: number, y: number])[])[] = [
  regular(16, 0.95),
  rectangle(0.82, 0.82),
  regular(3, 1.2),
  regular(4, 1.15),
  regular(3, 1.2, Math.PI),
  cross(0),
  star(5, 1.25, 0.5),
  cross(Math.PI / 4),
  rectangle(1.25, 0.5),
  rectangle(0.5, 1.25),
];

/** The custom property that has the colour of a class's points. */
export function classColour(classIndex: number): string {
  return `--class-${classIndex % COLOURS}`;
}

/**
 * The outline of a class's points. Ten classes have ten; more have other pairs of colour and outline.
 *
 * @returns A polygon's corners, about 0.
 */
export function classShape(classIndex: number): readonly (readonly [x: number, y: number])[] {
  const turns = Math.floor(classIndex / COLOURS);
  return SHAPES[(classIndex + turns) % SHAPES.length] ?? [];
}

/** For an SVG `polygon`. */
export function classShapePoints(classIndex: number): string {
  return classShape(classIndex)
    .map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`)
    .join(" ");
}

function regular(corners: number, radius: number, turn = 0): readonly (readonly [number, number])[] {
  return Array.from({ length: corners }, (_, i) => at(radius, turn + (2 * Math.PI * i) / corners));
}

function rectangle(x: number, y: number): readonly (readonly [number, number])[] {
  return [
    [-x, -y],
    [x, -y],
    [x, y],
    [-x, y],
  ];
}

function star(points: number, outer: number, inner: number): readonly (readonly [number, number])[] {
  return Array.from({ length: 2 * points }, (_, i) =>
    at(i % 2 === 0 ? outer : inner, (Math.PI * i) / points),
  );
}

/** Four bars of a third of its width. */
function cross(turn: number): readonly (readonly [number, number])[] {
  const [long, short] = [1.2, 0.4];
  const arm = [
    [-short, -short],
    [-short, -long],
    [short, -long],
  ] as const;
  return [0, 1, 2, 3].flatMap((quarter) =>
    arm.map(([x, y]) => {
      const angle = turn + (quarter * Math.PI) / 2;
      return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)] as const;
    }),
  );
}

/** Clockwise from above. */
function at(radius: number, angle: number): readonly [number, number] {
  return [radius * Math.sin(angle), -radius * Math.cos(angle)];
}
