// What the rivals measure, by this package, in a process of its own:
//   node ours.mjs gemm '{"trials": 15}'
//   node ours.mjs native|js float32|float64 '{"images": 55000, "warmUp": 3, "epochs": 5}'
import { selectBackend } from "mnist-native";
import { ALL_SHAPES, benchmarkGemm } from "./gemm.mjs";
import { benchmarkEpochs, imageLike } from "./training.mjs";

const [what, ...rest] = process.argv.slice(2);
const [dtype] = rest;
const settings = JSON.parse(rest.at(-1));
if (what === "gemm") {
  const native = selectBackend({ backend: "native" });
  const rates = (type) =>
    Object.fromEntries(
      benchmarkGemm({ native }, type, ALL_SHAPES, {
        trials: settings.trials,
        trialSeconds: 0.01,
      }).map(({ shape, gflops }) => [shape, gflops.native]),
    );
  console.log(JSON.stringify({ float32: rates("float32"), float64: rates("float64") }));
} else {
  const { images, warmUp, epochs } = settings;
  const cases = [
    { name: "ours", backend: selectBackend({ backend: what }), dtype, dataset: imageLike(images) },
  ];
  const { ours } = await benchmarkEpochs(cases, { rounds: 1, warmUp, epochs });
  console.log(JSON.stringify(ours));
}
