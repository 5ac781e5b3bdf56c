import { LARGEST_LAYER } from "../../nn/checks.js";
import { type Fail, labelOf, listed, operatorOf, quoted } from "./failure.js";
import { DATA_TYPE, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValueInfo } from "./messages.js";
import { MOST_DIMENSIONS } from "./tensors.js";

// Which part of a graph makes its output, and in which order.

/** Far more than any plain network has; what is done for each may take time in proportion to their number. */
const MOST_NODES = 10_000;

/** What a network is given. */
export interface GraphInput {
  readonly name: string;
  /** The number of rows, where the graph is made for one number alone. */
  readonly rows: number | undefined;
  /** Without the rows. */
  readonly shape: readonly number[];
  readonly isBytes: boolean;
}

/** The part of a graph that makes its output. */
export interface NeededGraph {
  readonly input: GraphInput;
  readonly output: string;
  /** Each after all that it needs. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
}

/** @throws ModelFormatError when the graph has not one output, computed of one input of known width, or when it is not in order. */
export function neededGraph(graph: OnnxGraph, fail: Fail): NeededGraph {
  if (graph.node.length > MOST_NODES) {
    throw fail(
      `its graph has ${graph.node.length} nodes, and at most ${MOST_NODES} were expected of a plain network`,
    );
  }
  const output = outputOf(graph.output, fail);
  const initializers = byName(graph.initializer, fail);
  const inputs = new Map(graph.input.map((input) => [input.name, input]));
  const makers = makersOf(graph.node, fail);

  const found = {
    nodes: [] as OnnxNode[],
    initializers: new Map<string, OnnxTensor>(),
    inputs: new Set<OnnxValueInfo>(),
  };
  /** Values that are looked at for the first time, and nodes whose inputs have all been looked at. */
  const tasks: (string | OnnxNode)[] = [output];
  const seen = new Set<string>();
  const begun = new Set<OnnxNode>();
  const done = new Set<OnnxNode>();
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    if (typeof task !== "string") {
      found.nodes.push(task);
      done.add(task);
      continue;
    }
    const node = makers.get(task);
    if (node !== undefined) {
      if (done.has(node)) continue;
      if (begun.has(node)) throw fail(`its graph goes in a circle, through ${labelOf(node)}`);
      begun.add(node);
      tasks.push(node);
      for (const name of node.input) if (name !== "") tasks.push(name);
      continue;
    }
    if (seen.has(task)) continue;
    seen.add(task);
    const tensor = initializers.get(task);
    const input = inputs.get(task);
    if (tensor !== undefined) found.initializers.set(task, tensor);
    else if (input !== undefined) found.inputs.add(input);
    else throw fail(`a node of its graph reads ${quoted(task)}, and nothing gives that`);
  }
  const { nodes, initializers: needed } = found;
  const given = graph.input.filter((input) => found.inputs.has(input));
  return { nodes, initializers: needed, output, input: inputOf(given, fail) };
}

/** The one output of numbers; labels, which some programs give beside it, follow from it. */
function outputOf(outputs: readonly OnnxValueInfo[], fail: Fail): string {
  const labels: readonly (number | undefined)[] = [
    DATA_TYPE.int64,
    DATA_TYPE.int32,
    DATA_TYPE.string,
    DATA_TYPE.bool,
  ];
  const numbers = outputs.filter(({ type }) => !labels.includes(type?.tensorType?.elemType));
  const [output, ...others] = numbers.length === 0 ? outputs : numbers;
  if (output === undefined) throw fail("its graph has no output");
  if (others.length > 0) {
    const names = [output, ...others].map(({ name }) => name);
    throw fail(
      `its graph has several outputs, ${listed(names)}, and one was expected; export the network with one output`,
    );
  }
  return output.name;
}

function inputOf(inputs: readonly OnnxValueInfo[], fail: Fail): GraphInput {
  const [input, ...others] = inputs;
  if (input === undefined) throw fail("its output is computed of no input");
  if (others.length > 0) {
    throw fail(
      `its output is computed of several inputs, ${listed(inputs.map(({ name }) => name))}, and one was expected`,
    );
  }
  const { name, type } = input;
  const label = `the input ${quoted(name)}`;
  const { elemType, shape } = type?.tensorType ?? {};
  if (elemType === undefined) throw fail(`${label} is not told to be a tensor`);
  const [rows, ...rest] = shape?.dim ?? [];
  if (rows === undefined || rest.length === 0) {
    throw fail(`${label} has no shape of rows and columns, such as [rows, 784]`);
  }
  if (rest.length >= MOST_DIMENSIONS) throw fail(`${label} has more than ${MOST_DIMENSIONS} dimensions`);
  const sizes = rest.map(({ dimValue }) => dimValue);
  const known = sizes.filter((size) => size !== undefined);
  if (known.length !== sizes.length) {
    const shown = rest.slice(0, 8).map(({ dimValue, dimParam }) => dimValue ?? quoted(dimParam || "?"));
    throw fail(
      `${label} has the shape [rows, ${shown.join(", ")}], whose width is not a number; export the network with a fixed number of inputs`,
    );
  }
  const width = known.reduce((product, size) => product * size, 1);
  if (!(Number.isInteger(width) && known.every((size) => size >= 1) && width <= LARGEST_LAYER)) {
    throw fail(`${label} has ${width} numbers in a row, and 1 to ${LARGEST_LAYER} were expected`);
  }
  return { name, rows: rows.dimValue, shape: known, isBytes: elemType === DATA_TYPE.uint8 };
}

function byName(tensors: readonly OnnxTensor[], fail: Fail): ReadonlyMap<string, OnnxTensor> {
  const found = new Map<string, OnnxTensor>();
  for (const tensor of tensors) {
    if (found.has(tensor.name)) throw fail(`it has two tensors of the name ${quoted(tensor.name)}`);
    found.set(tensor.name, tensor);
  }
  return found;
}

function makersOf(nodes: readonly OnnxNode[], fail: Fail): ReadonlyMap<string, OnnxNode> {
  const found = new Map<string, OnnxNode>();
  for (const node of nodes) {
    for (const name of node.output) {
      if (name === "") continue;
      if (found.has(name)) throw fail(`two nodes of its graph give ${quoted(name)}`);
      found.set(name, node);
    }
  }
  return found;
}

/** @throws ModelFormatError naming the operators that are not in the list of those known, a few of them. */
export function requireOperators(
  nodes: readonly OnnxNode[],
  isKnown: (operator: string) => boolean,
  fail: Fail,
): void {
  const unknown = nodes.filter((node) => !isKnown(operatorOf(node)));
  const [first] = unknown;
  if (first === undefined) return;
  const operators = [...new Set(unknown.map(operatorOf))];
  const which =
    operators.length === 1
      ? `the operator ${quoted(operatorOf(first))}`
      : `the operators ${listed(operators)}`;
  throw fail(
    `it needs ${which}, which no multilayer perceptron here has; the first is the node ${quoted(first.name || (first.output[0] ?? ""))}`,
  );
}
