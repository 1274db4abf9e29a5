// A browser for the end-to-end tests: the system's, else Playwright's download, else Debian's package.
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "./prepare.mjs";
import { root } from "./root.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function systemChromium() {
  const given = process.env.OCTET_CHROMIUM;
  if (given) return existsSync(given) ? given : null;
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/bin", "/snap/bin"];
  for (const folder of folders) for (const name of names) if (folder && existsSync(path.join(folder, name))) return path.join(folder, name);
  const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  return existsSync(mac) ? mac : null;
}

async function playwrightChromium() {
  const { chromium } = await import(pathToFileURL(path.join(root, "node_modules/playwright-core/index.mjs")).href);
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : null;
}

/** Path of a Chromium. Throws with what to do where none can be had. */
export async function ensureChromium(say) {
  const system = systemChromium();
  if (system) {
    say(`browser: the system's ${system}`);
    return system;
  }
  const before = await playwrightChromium();
  if (before) {
    say(`browser: Playwright's ${before}`);
    return before;
  }
  const problems = [];
  try {
    say("browser: none here; trying Playwright's download");
    await run(process.execPath, [path.join(root, "node_modules/playwright-core/cli.js"), "install", "chromium"], { timeout: 120_000 });
    const downloaded = await playwrightChromium();
    if (downloaded) {
      say(`browser: Playwright's ${downloaded}`);
      return downloaded;
    }
  } catch (error) {
    problems.push(`Playwright's download failed: ${error.message.split("\n")[0]}`);
  }
  try {
    say("browser: the download is not to be had here; trying Debian's package");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
    const apt = (args) =>
      run([...sudo, "apt-get"][0], [...sudo.slice(1), ...(sudo.length > 0 ? ["apt-get"] : []), ...args], { env, timeout: 300_000 });
    await apt(["update", "-qq"]);
    await apt(["install", "-y", "-qq", "--no-install-recommends", "chromium"]);
    const installed = systemChromium();
    if (installed) {
      say(`browser: Debian's ${installed}`);
      return installed;
    }
  } catch (error) {
    problems.push(`Debian's package failed: ${error.message.split("\n")[0]}`);
  }
  throw new Error(`There is no Chromium for the end-to-end tests. ${problems.join(". ")}. Install one, or set OCTET_CHROMIUM to its path.`);
}
