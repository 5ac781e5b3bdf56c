// npm run docs:live [-- --data-dir FOLDER]
//
// Makes the two pictures of the live page in README.md, docs/figures/live-train.png and live-draw.png: runs `serve` in a folder of its
// own, trains a network through the page as a person does, pauses in the middle, lets it finish, and draws a 7. Without --data-dir MNIST
// is looked for as `train` does.
// It takes dist/ (npm run build), and Chromium on PATH, or named by CHROMIUM_PATH.
import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import playwright from "playwright-core";
import { writeFigure } from "./figure-file.mjs";
import { readOptions } from "./options.mjs";

const VIEWPORT = { width: 1180, height: 860 };
/** Pixels below what is last in a picture. */
const MARGIN = 10;
const EPOCHS = 10;
/** How much of the training there is in the picture of it. */
const PAUSED_AFTER = 6;
const PATIENCE = 180_000;
/** On a sheet of 280 by 280, as a hand draws it: a hooked bar, and a stem that bends a little. */
const SEVEN = [
  [
    [84, 70],
    [108, 66],
    [140, 64],
    [172, 63],
    [200, 60],
    [190, 82],
    [178, 106],
    [165, 134],
    [153, 164],
    [143, 196],
    [136, 232],
  ],
];

const values = readOptions("docs:live", {
  "data-dir": { type: "string", requiresArg: true, description: "Folder with MNIST" },
});
const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mnist-native-live-"));
const data = values["data-dir"] === undefined ? [] : ["--data-dir", values["data-dir"]];
const server = spawn(process.execPath, [cli, "serve", "--port", "0", ...data], {
  cwd: folder,
  stdio: ["ignore", "pipe", "inherit"],
});
const ended = new Promise((resolve) => server.on("close", resolve));
const browser = await playwright.chromium.launch({
  executablePath: findChromium(),
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});

try {
  const page = await browser.newPage({
    viewport: VIEWPORT,
    deviceScaleFactor: 2,
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(await addressOf(server));
  const button = (name) => page.getByRole("button", { name, exact: true });

  await page.getByLabel("Epochs", { exact: true }).fill(String(EPOCHS));
  await button("Start training").click();
  const epochs = page.locator(".run-progress-head");
  await epochs.filter({ hasText: `Epoch ${PAUSED_AFTER} of ${EPOCHS}` }).waitFor();
  await button("Pause").click();
  await button("Go on").waitFor();
  await page.locator(".weights-picture").waitFor();
  await settle(page);
  await takePicture(page, "live-train.png", ".chart-accuracy");

  await button("Go on").click();
  await page.locator(".run-head .state-finished").waitFor();
  await page.getByRole("link", { name: "Draw a digit for it" }).click();
  const sheet = await page.getByRole("application", { name: /^Sheet to draw on/ }).boundingBox();
  for (const stroke of SEVEN) {
    for (const [i, [x, y]] of stroke.entries()) {
      await page.mouse.move(sheet.x + (x / 280) * sheet.width, sheet.y + (y / 280) * sheet.height);
      if (i === 0) await page.mouse.down();
    }
    await page.mouse.up();
  }
  await page.locator('.draw-headline[data-predicted="7"]').waitFor();
  await settle(page);
  await takePicture(page, "live-draw.png", ".draw-sees");
} finally {
  await browser.close();
  server.kill("SIGINT");
  await ended;
  rmSync(folder, { recursive: true });
}

/** Waits until all is there and drawn, with no pointer on a chart. */
async function settle(page) {
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => document.querySelector(".loading") === null);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** The page from its top to the end of an element. */
async function takePicture(page, name, last) {
  const { y, height } = await page.locator(last).boundingBox();
  const clip = { x: 0, y: 0, width: VIEWPORT.width, height: Math.ceil(y + height + MARGIN) };
  writeFigure(name, await page.screenshot({ fullPage: true, clip }), { isPage: true });
}

/** Where the page is, as `serve` prints it. */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      printed += text;
      const address = /http:\/\/[^\s;]+(?=[\s;])/.exec(printed)?.[0];
      if (address !== undefined) resolve(address);
    });
    child.on("close", () => reject(new Error(`serve has served no page: ${printed}`)));
  });
}

function findChromium() {
  const { CHROMIUM_PATH, PATH = "" } = process.env;
  if (CHROMIUM_PATH !== undefined) return CHROMIUM_PATH;
  const candidates = PATH.split(delimiter).flatMap((directory) =>
    ["chromium", "chromium-browser", "google-chrome"].map((name) => join(directory, name)),
  );
  const found = candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) {
    throw new Error(
      "There is no chromium on PATH (on Debian: apt-get install chromium), and CHROMIUM_PATH names none.",
    );
  }
  return found;
}
