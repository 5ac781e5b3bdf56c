// What the peers measure, by this package, in a process of its own: node ours.mjs gemm | epoch native|js float32|float64 IMAGES EPOCHS
import { selectBackend } from "mnist-native";
import { benchmarkGemm } from "./gemm.mjs";
import { benchmarkEpochs, imageLike } from "./training.mjs";

const [what, backendName, dtype, images, epochs] = process.argv.slice(2);
if (what === "gemm") {
  const native = selectBackend({ backend: "native" });
  const rates = (type) =>
    Object.fromEntries(
      benchmarkGemm({ native }, type, { trials: 15, trialSeconds: 0.01 }).map(({ shape, gflops }) => [
        shape,
        gflops.native,
      ]),
    );
  console.log(JSON.stringify({ float32: rates("float32"), float64: rates("float64") }));
} else {
  const backend = selectBackend({ backend: backendName });
  const cases = [{ name: "ours", backend, dtype }];
  const { ours } = await benchmarkEpochs(cases, imageLike(Number(images)), { trials: Number(epochs) });
  console.log(JSON.stringify(ours));
}
