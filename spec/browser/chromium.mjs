// A real Chromium, Debian's own, with a profile that is gone afterwards and no way to the network but loopback's.
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../../build/browser/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--force-color-profile=srgb', '--hide-scrollbars'];

const start = () => ({
  executablePath: process.env.AIRLOCK_CHROMIUM || '/usr/bin/chromium', args,
    env: { ...process.env, http_proxy: '', https_proxy: '' },
});

// One without windows: each `browser.newContext()` is somebody else's, with cookies of its own.
export const launch = () => chromium.launch(start());

export async function open(options) {
  const profile = mkdtempSync(join(tmpdir(), 'airlock-browser-'));
  const context = await chromium.launchPersistentContext(profile, { ...start(), ...options });
  const page = context.pages()[0] ?? await context.newPage();
  page.setDefaultTimeout(20000);
  return {
    context, page,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
