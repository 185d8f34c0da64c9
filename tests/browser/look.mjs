import { chromium } from '@playwright/test';
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const shots = JSON.parse(process.argv[2]);
for (const { name, url, width = 1280, height = 720, dark = false, run = '' } of shots) {
  const page = await (await b.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' })).newPage();
  page.on('console', (m) => console.log(name, m.type(), m.text()));
  page.on('pageerror', (e) => console.log(name, 'ERR', e.message));
  await page.goto('http://127.0.0.1:8191/' + url);
  await page.evaluate(async () => { for (let i = 0; i < 200 && !window.proxprop; i++) await new Promise((r) => setTimeout(r, 20)); await window.proxprop.ready; });
  if (run) await eval(`(async (page) => { ${run} })`)(page);
  await page.waitForTimeout(400);
  await page.screenshot({ path: `/tmp/hall_${name}.png` });
  console.log(name, await page.evaluate(() => [location.href, document.documentElement.scrollWidth, document.documentElement.scrollHeight].join(' ')));
  await page.close();
}
await b.close();
