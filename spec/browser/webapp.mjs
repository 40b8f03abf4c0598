// webapp.mjs URL SCENARIO...: goes through the web application of examples/nginx as people at their browsers would, in
// a real Chromium. Prints "ok NAME" or "not ok NAME: why" for each, and whatever a page's console says.
import { launch } from './chromium.mjs';

const [url, ...wanted] = process.argv.slice(2);
const browser = await launch();

function must(condition, why) {
  if (!condition) throw new Error(why);
}

// Somebody at a browser of their own.
async function person(name) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on('console', (message) => console.log(`console ${message.type()}: ${message.text()}`));
  const self = {
    name, context, page,
    title: () => page.getByRole('heading', { level: 1 }).textContent(),
    text: () => page.content(),
    async cookie() { return (await context.cookies(url)).find((cookie) => cookie.name === 'visit'); },
    async signIn(path = '/login?to=/projects') {
      await page.goto(url + path);
      await page.getByLabel('Username').fill(name);
      await page.getByLabel('Password').fill(`password-of-${name}`);
    },
    // Answers what Space asks, which it does once of each person.
    async answer(button = 'Accept') {
      const back = page.waitForURL((at) => at.origin === url), question = page.getByRole('button', { name: button });
      await page.keyboard.press('Enter');
      await Promise.race([back, question.waitFor().catch(() => {})]);
      if (await question.isVisible()) await question.click();
      await back;
    },
    async login(path) {
      await self.signIn(path);
      await self.answer();
    },
    // Logs in, then begins another login, and takes the address that Space sends the browser to, in place of going
    // there.
    async catchCallback() {
      await self.login();
      let next = `${url}/login?to=/projects`;
      while (!next.startsWith(`${url}/callback?`)) {
        const answer = await context.request.get(next, { maxRedirects: 0 });
        must(answer.status() < 400 && answer.headers().location, `${next}: ${answer.status()}`);
        next = new URL(answer.headers().location, next).href;
      }
      return next;
    },
  };
  return self;
}

const scenarios = {
  async two_users_at_once() {
    const alice = await person('alice.first'), bob = await person('bob.second');
    await Promise.all([alice.signIn(), bob.signIn('/login?to=/')]);
    await Promise.all([alice.answer(), bob.answer()]);
    must(await alice.title() === 'Projects that alice.first sees', await alice.title());
    must(await alice.page.getByRole('listitem').count() === 10, 'her projects are missing');
    must(await bob.title() === 'Hello, bob.second', await bob.title());
    await Promise.all([alice.page.goto(url), bob.page.goto(`${url}/projects`)]);
    must(await alice.title() === 'Hello, alice.first', await alice.title());
    must(await bob.title() === 'Projects that bob.second sees', await bob.title());
    must((await alice.cookie()).value !== (await bob.cookie()).value, 'one cookie for two');
  },

  async cookie() {
    const alice = await person('alice.first');
    await alice.signIn();
    const before = await alice.cookie();
    await alice.answer();
    const after = await alice.cookie();
    must(after.httpOnly && after.sameSite === 'Lax' && after.path === '/', JSON.stringify(after));
    must(before.value !== after.value, 'the visit kept its number when its user logged in');
    must(after.value.length === 43, 'that is no random number of 256 bits');
    must(await alice.page.evaluate(() => document.cookie) === '', 'a script can read it');
    must(!/eyJ[\w-]{20}/.test(await alice.text()), 'a token is in the page');
    await alice.context.addCookies([{ ...after, value: before.value }]);
    await alice.page.goto(url);
    must(await alice.title() === 'Nobody is logged in', 'the number from before the login is good');
  },

  async foisted_number() {
    const alice = await person('alice.first'), mallory = await person('mallory');
    const foisted = 'm'.repeat(43);
    await alice.context.addCookies([{ name: 'visit', value: foisted, url }]);
    await mallory.context.addCookies([{ name: 'visit', value: foisted, url }]);
    await alice.login();
    must(await alice.title() === 'Projects that alice.first sees', await alice.title());
    await mallory.page.goto(url);
    must(await mallory.title() === 'Nobody is logged in', 'who foisted a number on her is logged in with her');
  },

  async denied() {
    const alice = await person('alice.first');
    await alice.signIn();
    await alice.answer('Cancel');
    must(await alice.title() === 'You are not logged in', await alice.title());
    await alice.page.getByRole('link', { name: 'Back' }).click();
    must(await alice.title() === 'Nobody is logged in', await alice.title());
  },

  async altered_state() {
    const alice = await person('alice.first');
    const callback = new URL(await alice.catchCallback());
    const state = callback.searchParams.get('state');
    callback.searchParams.set('state', (state[0] === 'A' ? 'B' : 'A') + state.slice(1));
    must((await alice.page.goto(callback.href)).status() === 400, 'an altered state is taken');
    must(await alice.title() === "This login isn't yours", await alice.title());
    callback.searchParams.delete('state');
    must((await alice.page.goto(callback.href)).status() === 400, 'a callback without state is taken');
    callback.searchParams.set('state', state);
    await alice.page.goto(callback.href);
    must(await alice.title() === 'Projects that alice.first sees', 'the login is spoilt by what others tried');
    must((await alice.page.goto(callback.href)).status() === 400, 'a callback is good twice');
  },

  async other_browser() {
    const alice = await person('alice.first'), mallory = await person('mallory');
    const callback = await alice.catchCallback();
    must((await mallory.page.goto(callback)).status() === 400, 'a callback is good in another browser');
    await mallory.page.goto(`${url}/login`); // a login of its own makes no difference
    must((await mallory.page.goto(callback)).status() === 400, 'a callback is good in another browser that logs in');
    must(!(await mallory.page.goto(url)).request().redirectedFrom() && await mallory.title() === 'Nobody is logged in',
      await mallory.title());
    await alice.page.goto(callback);
    must(await alice.title() === 'Projects that alice.first sees', await alice.title());
  },

  async return_path() {
    const bob = await person('bob.second');
    await bob.login(`/login?to=${encodeURIComponent('//example.com/projects')}`);
    must(bob.page.url() === `${url}/`, bob.page.url());
    for (const to of ['https://example.com/', '/\\example.com', '\\/example.com', '/\t/example.com',
      'javascript:alert(1)']) {
      await bob.page.goto(`${url}/login?to=${encodeURIComponent(to)}`); // Space knows bob, and asks no more
      must(bob.page.url() === `${url}/`, `${to} leads to ${bob.page.url()}`);
    }
    await bob.page.goto(`${url}/login?to=/projects`);
    must(bob.page.url() === `${url}/projects`, bob.page.url());
  },

  async logout() {
    const alice = await person('alice.first'), elsewhere = await person('alice.first');
    await alice.login();
    await elsewhere.login();
    const cookie = await alice.cookie();
    const forged = await alice.context.request.post(`${url}/logout`, { form: { secret: 'a guess' } });
    must(forged.status() === 403, `a form without the secret: ${forged.status()}`);
    await alice.page.goto(url);
    must(await alice.title() === 'Hello, alice.first', 'a forged form has logged her out');
    await Promise.all([alice.page.waitForNavigation(), alice.page.getByRole('button', { name: 'Log out' }).click()]);
    must(await alice.title() === 'Nobody is logged in', await alice.title());
    must(await alice.cookie() === undefined, 'the cookie is left');
    await alice.context.addCookies([cookie]);
    await alice.page.goto(url);
    must(await alice.title() === 'Nobody is logged in', 'the old cookie is good');
    await elsewhere.page.goto(`${url}/projects`);
    must(await elsewhere.title() === 'Projects that alice.first sees', 'the other browser was logged out, too');
  },

  async expired() { // with WEB_IDLE=1
    const alice = await person('alice.first');
    await alice.login('/login?to=/');
    must(await alice.title() === 'Hello, alice.first', await alice.title());
    await new Promise((done) => { setTimeout(done, 1500); });
    await alice.page.goto(url);
    must(await alice.title() === 'Nobody is logged in', await alice.title());
    const answer = await alice.context.request.get(`${url}/projects`, { maxRedirects: 0 });
    must(answer.status() === 303 && answer.headers().location === '/login?to=%2Fprojects',
      `${answer.status()} ${answer.headers().location}`);
  },
};

let status = 0;
for (const name of wanted) {
  try {
    await scenarios[name]();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${error}`);
    status = 1;
  }
  for (const context of browser.contexts()) await context.close();
}
await browser.close();
process.exit(status);
