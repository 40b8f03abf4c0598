--- airlock token: one valid token, for other programs.

local application = require "airlock.cli.application"
local outcome = require "airlock.cli.outcome"
local output = require "airlock.cli.output"
local settings = require "airlock.cli.settings"

local function run(given)
  local made = settings.read(given)
  local session, line = application.open(made)
  local token, message, detail = application.wait(line, session.token, session)
  if line then line:clear() end
  outcome.need(token, not token and application.hint(message, detail, made) or nil, detail)
  if given.header and session:info().token_type == "DPoP" then
    outcome.stop(outcome.usage, "the token is bound to a key (DPoP), so that its header alone is of no use; make the "
      .. "request with airlock request")
  end
  local to = output.to(given.output, true)
  to:write((given.header and "Authorization: Bearer " or "") .. token .. "\n")
  to:keep()
end

return settings.with {
  name = "token",
  summary = "Print one valid access token",
  details = "Prints one valid access token on standard output. It is asked for or renewed first, if need be.",
  options = {
    { "--header", target = "header", help = "print it as a header line, as curl -H @- takes it" },
    { "-o", "--output", target = "output", value = "FILE", complete = "files",
      help = "write it to a file that only you can read" },
  },
  examples = {
    { "airlock token --header | curl -H @- https://mycompany.jetbrains.space/api/http/projects",
      "lets curl make a request; no other user can see the token" },
    { "airlock token -o token --header", "keeps it in a file, for curl -H @token" },
  },
  run = run,
}
