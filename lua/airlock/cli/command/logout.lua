--- airlock logout: the end of a login, at the server and here.

local application = require "airlock.cli.application"
local outcome = require "airlock.cli.outcome"
local output = require "airlock.cli.output"
local settings = require "airlock.cli.settings"
local words = require "airlock.cli.words"

local function told(detail)
  if detail.told then return "logged out" end
  if not detail.known then return "there was no login, and so nothing to end" end
  return "logged out here; the server wasn't told, as it has no way for that, and may honour the tokens until they "
    .. "expire"
end

local function run(given)
  local made = settings.read(given)
  local client, line = application.client(made)
  local session = application.handle(client, made)
  local ok, message, detail = application.wait(line, session._logout, session)
  if line then line:clear() end
  if ok then return output.tell(told(detail)) end
  if detail.kind == "store" then outcome.stop(outcome.store, message) end
  outcome.stop(outcome.of(detail),
    "forgotten here, but the server couldn't be told, and may honour the tokens until they expire: "
      .. words.of(message))
end

return settings.with {
  name = "logout",
  summary = "End a login",
  details = "Ends a login, or forgets an application's token: revoked at the server where it can be, and removed from "
    .. "the store either way.",
  options = {},
  examples = { { "airlock logout --profile work", "ends it for every program that shares the store" } },
  run = run,
}
