--- airlock refresh: a new token now, however fresh the old one.

local application = require "airlock.cli.application"
local outcome = require "airlock.cli.outcome"
local output = require "airlock.cli.output"
local settings = require "airlock.cli.settings"
local span = require("airlock.progress").span

local function run(given)
  local made = settings.read(given)
  local session, line = application.open(made)
  local ok, message, detail = application.wait(line, session.refresh, session)
  if line then line:clear() end
  outcome.need(ok, not ok and application.hint(message, detail, made) or nil, detail)
  local expires_at = session:info().expires_at
  output.tell(expires_at and ("a new token, which lives for %s"):format(span(expires_at - os.time())) or "a new token")
end

return settings.with {
  name = "refresh",
  summary = "Get a new token now",
  details = "Gets a new access token now, however fresh the old one is, and keeps it in the store. Other commands "
    .. "renew by themselves; this is "
    .. "for a token that is known to be of no use any more.",
  options = {},
  examples = { { "airlock refresh --profile work", "after rights were changed at the server" } },
  run = run,
}
