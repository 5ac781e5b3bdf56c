// What is trained and killed: each with the command's options, and the number of threads to begin and to go on with.

/** @typedef {{ name: string, args: readonly string[], threads: readonly [number, number], isStreamed?: boolean, overOldRun?: boolean }} Setting */

/** @returns {readonly Setting[]} */
export function settings({ mnist, table }) {
  const digits = ["--data-dir", mnist];
  const small = [...digits, "--hidden", "24", "--batch-size", "20", "--epochs", "6"];
  const wide = [...digits, "--hidden", "200", "--batch-size", "40", "--epochs", "6"];
  const values = ["--table", table, "--hidden", "16", "--batch-size", "8", "--epochs", "12"];
  const native = ["--backend", "native"];
  const js = ["--backend", "js"];
  const float64 = ["--dtype", "float64"];
  const optimizer = (name) => ["--optimizer", name];
  const momentum = ["--momentum", "0.9", "--nesterov"];
  const [one, two, oneTwo, twoOne] = [
    [1, 1],
    [2, 2],
    [1, 2],
    [2, 1],
  ];
  return [
    { name: "sgd, float32", args: [...wide, ...native], threads: oneTwo },
    { name: "sgd, nesterov, float64", args: [...wide, ...native, ...float64, ...momentum], threads: twoOne },
    { name: "rmsprop, js", args: [...small, ...js, ...optimizer("rmsprop")], threads: one },
    {
      name: "adagrad, float64, js",
      args: [...small, ...js, ...float64, ...optimizer("adagrad")],
      threads: one,
    },
    {
      name: "adam, cosine with warm-up",
      args: [...small, ...native, ...optimizer("adam"), "--schedule", "cosine", "--warm-up", "30"],
      threads: oneTwo,
    },
    {
      name: "adamw, dropout, batch norm",
      args: [...wide, ...native, ...optimizer("adamw"), "--dropout", "0.3", "--batch-norm"],
      threads: twoOne,
    },
    {
      name: "nadam, dropout, batch norm, float64, js",
      args: [
        ...[...small, ...js, ...float64, ...optimizer("nadam")],
        ...["--dropout", "0.2", "--batch-norm", "--activation", "relu"],
      ],
      threads: one,
    },
    {
      name: "lion, augment",
      args: [...small, ...native, ...optimizer("lion"), "--augment", "shift=2,rotate=10,elastic=2"],
      threads: two,
    },
    { name: "lbfgs, float64", args: [...digits, ...native, ...float64, ...lbfgs(12)], threads: oneTwo },
    { name: "lbfgs, js", args: [...digits, ...js, ...lbfgs(8)], threads: one },
    {
      name: "class weights, clip norm, max norm, js",
      args: [...small, ...js, "--class-weights", "balanced", "--clip-norm", "1", "--max-norm", "2"],
      threads: one,
    },
    {
      name: "table, classes, adam",
      args: [...values, ...native, ...optimizer("adam"), "--target-column", "side", "--task", "classify"],
      threads: oneTwo,
    },
    {
      name: "table, numbers, momentum, js",
      args: [
        ...[...values, ...js, "--target-column", "value", "--task", "regress"],
        ...["--learning-rate", "0.01", "--momentum", "0.5", "--schedule", "cosine"],
      ],
      threads: one,
    },
    {
      name: "streamed, adam",
      args: [...small, ...native, ...optimizer("adam")],
      threads: twoOne,
      isStreamed: true,
    },
    {
      name: "streamed, dropout, float64, js",
      args: [...small, ...js, ...float64, "--dropout", "0.2", "--augment", "shift=1"],
      threads: one,
      isStreamed: true,
    },
    {
      name: "preset modern",
      args: [...digits, ...native, "--preset", "modern", "--hidden", "40", "--epochs", "4"],
      threads: twoOne,
    },
    {
      name: "sgd, over an old run",
      args: [...small, ...native, "--force", "--seed", "7"],
      threads: oneTwo,
      overOldRun: true,
    },
  ];
}

function lbfgs(epochs) {
  return ["--optimizer", "lbfgs", "--hidden", "10", "--activation", "tanh", "--epochs", String(epochs)];
}
