// The browser tests: the finished site in dist/, in the distribution's Chromium as it comes (no WebGPU there), and for
// gpu.spec.js with the WebGPU of a software device.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { defineConfig, devices } from '@playwright/test';

const programs = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
const onPath = process.env.PATH.split(delimiter).flatMap((folder) => programs.map((name) => join(folder, name)));
const executablePath = process.env.CHROMIUM ?? onPath.find(isProgram);

// Root has no sandbox to put a browser in; nobody's browser needs to phone home here.
const args = ['--disable-background-networking', '--disable-component-update'];
if (process.getuid?.() === 0) args.push('--no-sandbox');

const xtask = process.env.XTASK ? JSON.stringify(process.env.XTASK) : 'cargo xtask';

export default defineConfig({
  testDir: 'specs',
  forbidOnly: true,
  fullyParallel: true,
  workers: process.env.WORKERS ? Number(process.env.WORKERS) : 2,
  timeout: 50_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1280, height: 720 },
    launchOptions: { executablePath, args },
    // Only the tests of the service worker want one: it would answer for what others hold back on purpose.
    serviceWorkers: 'block',
    // Traces of all tests would take a quarter of the time; `--trace on` makes those of the tests that one asks for.
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'default', testIgnore: 'gpu.spec.js' },
    {
      name: 'webgpu',
      testMatch: 'gpu.spec.js',
      use: { launchOptions: { executablePath, args: [...args, '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] } },
    },
  ],
  // Below a path, as on a host of many projects; one test asks for the other, at the root.
  webServer: [
    {
      command: `${xtask} serve --no-build --port 0 --base /some/lab/`,
      wait: { stdout: /serving (?<proxprop_site>http:\S+)/ },
    },
    {
      command: `${xtask} serve --no-build --port 0`,
      wait: { stdout: /serving (?<proxprop_root>http:\S+)/ },
    },
  ],
});
