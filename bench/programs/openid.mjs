// openid-client over Node.js's own fetch (undici): openid.mjs ORIGIN COUNT [IN_FLIGHT]; prints microseconds of CPU, of
// wall clock, peak KiB
import * as oauth from "openid-client";

const [origin, count, flight] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4] ?? 0)];
const config = new oauth.Configuration({ issuer: origin, token_endpoint: origin + "/token" }, "bench", "secret");
oauth.allowInsecureRequests(config);
const { access_token } = await oauth.clientCredentialsGrant(config);
const url = new URL(origin + "/1k.json");

async function one(json) {
  const answer = await oauth.fetchProtectedResource(config, access_token, url, "GET");
  const bad = json ? !(await answer.json()).name : (await answer.arrayBuffer()).byteLength < 1000;
  if (bad) throw new Error("a bad answer");
}

let left;
const job = async () => {
  while (left-- > 0) await one(flight === 0);
};
const go = (times) => {
  left = times;
  return Promise.all(Array.from({ length: flight || 1 }, job));
};

await go(flight || 1);
const cpu = process.cpuUsage(), wall = process.hrtime.bigint();
await go(count);
const used = process.cpuUsage(cpu);
console.log(used.user + used.system, Math.round(Number(process.hrtime.bigint() - wall) / 1e3),
  process.resourceUsage().maxRSS);
