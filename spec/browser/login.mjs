// login.mjs URL USER PASSWORD accept|cancel: goes through login and consent as a person would, in a real Chromium,
// without a mouse. Prints what it met, a line each; ends with 0 when the browser has come to the program's own page.
// AIRLOCK_SCREENSHOTS=FOLDER keeps a picture of each page, light and dark, wide and narrow.
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../../build/browser/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const [url, user, password, answer] = process.argv.slice(2);
const pictures = process.env.AIRLOCK_SCREENSHOTS;
const profile = mkdtempSync(join(tmpdir(), 'airlock-browser-'));
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.AIRLOCK_CHROMIUM || '/usr/bin/chromium', args,
    env: { ...process.env, http_proxy: '', https_proxy: '' },
});
let status = 1;

async function picture(page, name) {
  if (!pictures) return;
  for (const colorScheme of ['light', 'dark']) {
    for (const [size, width] of [['wide', 1000], ['narrow', 340]]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 640 });
      await page.screenshot({ path: join(pictures, `${name}-${colorScheme}-${size}.png`), fullPage: true });
    }
  }
}

try {
  const page = context.pages()[0] ?? await context.newPage();
  page.setDefaultTimeout(20000);
  page.on('console', (message) => console.log(`console ${message.type()}: ${message.text()}`));
  await page.goto(url);
  if (url.startsWith('file:')) await page.waitForURL(/^http/);

  console.log('login', await page.title());
  const focused = () => page.evaluate(() => document.activeElement.name || document.activeElement.value);
  if (await focused() !== 'username') throw new Error('the username has no focus');
  await page.getByLabel('Username').waitFor();
  await page.keyboard.type(user);
  await page.keyboard.press('Tab');
  await page.keyboard.type('not the password');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  console.log('wrong', await page.getByRole('alert').textContent());
  await picture(page, 'wrong');
  if (await focused() !== 'password') throw new Error('the password has no focus');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');

  await page.getByRole('button', { name: 'Accept' }).waitFor();
  console.log('consent', await page.getByRole('heading', { level: 1 }).textContent());
  for (const item of await page.getByRole('listitem').all()) console.log('item', await item.textContent());
  await picture(page, 'consent');
  await page.getByRole('button', { name: answer === 'accept' ? 'Accept' : 'Cancel' }).press('Enter');

  await page.waitForURL((at) => at.origin !== new URL(url).origin);
  console.log('end', await page.getByRole('heading', { level: 1 }).textContent());
  await picture(page, 'end');
  status = 0;
} catch (error) {
  console.log('failed', String(error));
}
await context.close();
rmSync(profile, { recursive: true, force: true });
process.exit(status);
