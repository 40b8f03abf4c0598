--- airlock emulator: a JetBrains Space on this machine, to try programs against.

local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"
local output = require "airlock.cli.output"
local part = require "airlock.cli.part"

local numbers = { port = true, token_lifetime = true, grace = true, code_lifetime = true, device_interval = true }

local function options_of(given)
  local options = {}
  for name, value in pairs(given) do
    if numbers[name] then
      options[name] = tonumber(value)
      if not options[name] then
        outcome.stop(outcome.usage, ("--%s takes a number, not '%s'"):format(name:gsub("_", "-"), value))
      end
    end
  end
  options.host, options.rotate, options.iss = given.host, given.rotate, given.iss
  return options
end

local function introduce(space)
  local native, person = space.applications.native, space.people[1]
  output.write(("url %s\nclient_id %s\nclient_secret %s\n\n"):format(space.url, space.client_id, space.client_secret)
    .. ("curl -u %s:%s -d grant_type=client_credentials %s/oauth/token\n\n"):format(space.client_id,
      space.client_secret, space.url)
    .. ("export AIRLOCK_URL=%s AIRLOCK_CLIENT_ID=%s AIRLOCK_CLIENT_SECRET=%s\n"):format(space.url, space.client_id,
      space.client_secret)
    .. "airlock request GET projects\n\n"
    .. ("people sign in as %s with the password %s; a client without a secret is %s\n\n"):format(person.username,
      person.password, native.client_id))
end

local function log(entry)
  local line = ("%s %s %s"):format(entry.method, entry.path, tostring(entry.status or "dropped"))
  output.write(core.printable(line) .. "\n")
end

local function run(given)
  local poll = require "airlock.loop.poll"
  local options = options_of(given)
  options.on_call = not given.quiet and log or nil
  local space = part("airlock.emulator").start(options)
  local ok, why = pcall(function()
    introduce(space)
    poll.run()
  end)
  space:stop()
  local code, message = outcome.caught(why)
  if not ok and code ~= outcome.interrupted then outcome.stop(code, message) end
end

return {
  name = "emulator",
  summary = "Run a JetBrains Space on this machine",
  details = "Runs an authorization server and a slice of an API that behave like JetBrains Space, on this machine "
    .. "only, for as long as the "
    .. "command runs. It prints where it is, whom it knows, and what to try; Ctrl-C ends it.",
  options = {
    { "--port", target = "port", value = "N", help = "where it listens (default: a free port)" },
    { "--host", target = "host", value = "ADDRESS", help = "a loopback address (127.0.0.1)" },
    { "--token-lifetime", target = "token_lifetime", value = "SECONDS", help = "how long access tokens live (600)" },
    { "--code-lifetime", target = "code_lifetime", value = "SECONDS",
      help = "how long authorization codes are good (60)" },
    { "--device-interval", target = "device_interval", value = "SECONDS", help = "how often a device may ask (5)" },
    { "--rotate", target = "rotate", help = "give a new refresh token with each refresh" },
    { "--grace", target = "grace", value = "SECONDS", help = "for how long the old one gets the same answer (0)" },
    { "--iss", target = "iss", help = "name the server in redirects (RFC 9207)" },
    { "-q", "--quiet", target = "quiet", help = "don't print the calls" },
  },
  examples = {
    { "airlock emulator --port 8080", "then, in another terminal, what it prints" },
    { "airlock emulator --token-lifetime 5 --rotate", "tokens that are soon renewed" },
  },
  run = run,
}
