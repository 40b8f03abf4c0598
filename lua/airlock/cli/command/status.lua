--- airlock status: what the store has, without a secret; nobody is asked.

local application = require "airlock.cli.application"
local core = require "airlock.core"
local json_text = require "airlock.cli.json_text"
local outcome = require "airlock.cli.outcome"
local output = require "airlock.cli.output"
local settings = require "airlock.cli.settings"
local span = require("airlock.progress").span
local store = require "airlock.store"
local transfer = require "airlock.cli.transfer"
local words = require "airlock.cli.words"

local function folder_of(made)
  return type(made.store) == "string" and made.store or store.folder()
end

local function records(made)
  if not made.store then return {} end
  return outcome.need(store.list(folder_of(made)))
end

-- Whether it is what the settings would use. A scope is compared by the library alone, as the server may have granted
-- another.
local function chosen(record, made, endpoint)
  local grant = application.of_users(made.grant) or made.grant
  return record.client_id == made.client_id and record.grant == grant and record.account == (made.account or "default")
    and (not endpoint or record.token_endpoint == endpoint)
end

local function alive(record)
  if record.dead or record.unreadable then return false end
  return record.renewable or record.grant == "client_credentials" or not record.expires_at
    or record.expires_at > os.time()
end

local function life(record, made)
  if record.dead then
    return ("the server ended this login (%s); run: %s"):format(record.error or "it was refused", words.login(made))
  end
  if not record.expires_at then return "lives until the server refuses it" end
  local left = record.expires_at - os.time()
  local text = left > 0 and ("lives for %s, until %s"):format(span(left),
    os.date("%Y-%m-%d %H:%M:%S", record.expires_at))
    or ("ran out %s ago"):format(span(-left))
  if record.renewable or record.grant == "client_credentials" then return text .. "; renewed by itself" end
  return text .. "; can't be renewed"
end

local function show(record, made)
  local subject = record.grant == "client_credentials" and "the application"
    or ("a user, account '%s'"):format(record.account or "default")
  local rows = {
    { "on behalf of", subject }, { "server", record.issuer or record.token_endpoint }, { "client", record.client_id },
      { "grant", record.grant },
    { "scope", record.scope }, { "token", life(record, made) }, { "store", folder_of(made) },
  }
  local lines = {}
  for _, row in ipairs(rows) do
    if row[2] and row[2] ~= "" then lines[#lines + 1] = ("%-13s %s\n"):format(row[1], core.printable(row[2])) end
  end
  return table.concat(lines)
end

local function none(made)
  if made.grant == "permanent_token" then return outcome.fine, "a permanent token; nothing tells how long it lives" end
  if made.grant == "refresh_token" or made.grant == "client_credentials" then
    return outcome.fine, "no token yet; one is asked for when it is needed"
  end
  return outcome.login, made.store and "not logged in; run: " .. words.login(made)
    or "not logged in; without a store no login is kept"
end

local function select(given, made)
  local found, endpoint = {}, not given.all and application.endpoints(made).token_endpoint
  for _, record in ipairs(records(made)) do
    if given.all or chosen(record, made, endpoint) then found[#found + 1] = record end
  end
  return found
end

-- A record may hold text that isn't UTF-8, as a server gave it; JSON can't.
local function as_json(found)
  local ok, text = pcall(core.json.encode, core.json.array(found), true)
  if ok then return text end
  for _, record in ipairs(found) do
    for name, value in pairs(record) do record[name] = type(value) == "string" and core.printable(value) or value end
  end
  return core.json.encode(found, true)
end

local function run(given)
  local made = settings.read(given)
  local found, good = select(given, made), false
  for _, record in ipairs(found) do good = good or alive(record) end
  if given.json then
    output.write(json_text.pretty(as_json(found), transfer.coloured(), output.shows()) .. "\n")
  else
    local texts = {}
    for i, record in ipairs(found) do
      texts[i] = record.unreadable and ("'%s' can't be read\n"):format(core.printable(record.name))
        or show(record, made)
    end
    output.write(table.concat(texts, "\n"))
  end
  if #found > 0 then return good and outcome.fine or outcome.login end
  if given.all then return outcome.fine end
  local code, message = none(made)
  output.tell(message)
  return code
end

return settings.with {
  name = "status",
  summary = "Show who is logged in, for how long",
  details = "Shows what the store has for this server and application: on whose behalf, which scope, how long the "
    .. "token lives. No secret is shown, "
    .. "and nobody is asked. The exit code is 3 where a user has to log in.",
  options = {
    { "--all", target = "all", help = "show everything that the store has" },
    { "--json", target = "json", help = "as JSON" },
  },
  examples = {
    { "airlock status --all", "every login" },
    { "airlock status >/dev/null || airlock login", "logs in where that is needed" },
  },
  run = run,
}
