--- What the sources of tokens have in common: how one is made, files, times, requests of their own.

-- spec: spec/session/source_spec.lua

local core = require "airlock.core"
local lazy = require "airlock.lazy"
local airlock = lazy "airlock"
local options = require "airlock.options"

local kit = {}

local meta = { __name = "airlock.source", __index = {},
  __tostring = function(self) return ("airlock.source (%s)"):format(self.kind) end }
local most_file = 64 * 1024 -- bytes of a token or key in a file
kit.look_again = 60 -- s for which a token without a known end is kept before its source is looked at again

--- Makes a source.
---@param kind string what `airlock.source` calls it
---@param identity string[] what tells it from others of its kind
---@param get fun(self: table, settings: table): string|table?, number|string?, table?
---@return table source
function kit.make(kind, identity, get)
  local parts = { kind }
  for i, part in ipairs(identity) do parts[i + 1] = ("%d:%s"):format(#part, part) end
  return setmetatable({ kind = kind, identity = table.concat(parts, " "), get = get }, meta)
end

--- Reads the options of a source.
---@param given any
---@param kind string
---@param known table<string, string>
---@param needed? string[]
---@return table options
function kit.read(given, kind, known, needed)
  local whose = "airlock.source." .. kind
  if given == nil then given = {} end
  options.read(given, whose, known)
  for _, name in ipairs(needed or {}) do
    if given[name] == nil then options.mistake(whose, name, "is missing") end
  end
  return given
end

--- A failure of a source.
---@param outcome string
---@param format string
---@param ... any
---@return nil
---@return string message
---@return table detail
function kit.fail(outcome, format, ...)
  return nil, format:format(...), { outcome = outcome }
end

--- The text of a file.
---@param path string
---@param what string what it should hold, for the message
---@return string? text
---@return string? message
---@return table? detail
function kit.file(path, what)
  local file, why = io.open(path, "rb")
  if not file then return kit.fail("misconfigured", "the %s can't be read: %s", what, why) end
  local text, wrong = file:read(most_file + 1)
  file:close()
  if wrong then return kit.fail("misconfigured", "the %s can't be read: %s", what, wrong) end
  text = text or ""
  if #text > most_file then
    return kit.fail("misconfigured", "the %s is larger than %d bytes: %s", what, most_file, path)
  end
  return text
end

--- The text of a file with a private key, which its owner alone may read.
---@param path string
---@return string? text
---@return string? message
---@return table? detail
function kit.key_file(path)
  local open = core.open_to_others(path)
  if open then
    return kit.fail("misconfigured", "the key file can be read by others: run chmod 600 %s", path)
  end
  return kit.file(path, "key file")
end

--- Without blanks around it.
---@param text string
---@return string
function kit.trim(text)
  local from = text:find "%S"
  if not from then return "" end
  local to = #text
  while text:find("^%s", to) do to = to - 1 end
  return text:sub(from, to)
end

local days = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 }

--- Seconds since 1970 of a time as RFC 3339 has it.
---@param text any
---@return number? seconds
function kit.moment(text)
  if type(text) ~= "string" then return nil end
  local y, mo, d, h, mi, s, zone = text:match "^(%d%d%d%d)-(%d%d)-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)[%d.]*(.*)$"
  if not y then return nil end
  y, mo, d = tonumber(y), tonumber(mo), tonumber(d)
  if mo < 1 or mo > 12 then return nil end
  local past = y - (mo > 2 and 0 or 1) -- leap days before this month
  local day = (y - 1970) * 365 + math.floor(past / 4) - math.floor(past / 100) + math.floor(past / 400) - 477
    + days[mo] + d - 1
  local seconds = day * 86400 + tonumber(h) * 3600 + tonumber(mi) * 60 + tonumber(s)
  local sign, zh, zm = zone:match "^([+-])(%d%d):?(%d%d)$"
  if sign then seconds = seconds - (sign == "+" and 1 or -1) * (tonumber(zh) * 3600 + tonumber(zm) * 60) end
  return seconds
end

--- How long a token is good, where it is a JWT that says so.
---@param token string
---@return number? seconds
function kit.lifetime(token)
  local part = token:match "^[%w_-]+%.([%w_-]+)%.[%w_-]+$"
  local text = part and core.decode(part)
  local claims = text and core.json.decode(text)
  local ends = type(claims) == "table" and tonumber(claims.exp)
  return ends and ends - core.wall() or nil
end

--- A token whose end was told in one way or another, as a source gives it.
---@param token string
---@param seconds number? nil: by the token itself, else it is looked at again soon
---@return table? reply
---@return string? message
---@return table? detail
function kit.reply(token, seconds)
  seconds = seconds or kit.lifetime(token)
  if seconds and seconds <= 0 then
    return kit.fail("transient", "the token that the source has is over since %.0f s", -seconds)
  end
  return { access_token = token, expires_in = seconds or kit.look_again }
end

--- Makes a request of a source's own, in the loop of whoever asks.
---@param settings table of the client that wants the token
---@param config table more options of the client
---@param request table as of session:request
---@param token string? that it goes with
---@return table? answer
---@return string? message
---@return table? detail
function kit.request(settings, config, request, token)
  local made = { base_url = request.url:match "^%a+://[^/?]*" .. "/", loop = settings.loop, retries = 0,
    ca_file = settings.ca_file, proxy = settings.proxy }
  for name, value in pairs(config) do made[name] = value end
  local client = airlock.client(made)
  return (token and client:permanent_token(token) or client:anonymous()):request(request)
end

--- The JSON object of an answer that is to be 200 or 201.
---@param answer table
---@param what string
---@return table? value
---@return string? message
---@return table? detail
function kit.object(answer, what)
  if answer.status ~= 200 and answer.status ~= 201 then
    local message, detail = answer:failure()
    return kit.fail(detail and detail.outcome or "misconfigured", "%s: %s", what,
      message or ("status %d"):format(answer.status))
  end
  local value = core.json.decode(answer.body)
  if type(value) ~= "table" then return kit.fail("misconfigured", "%s: the answer isn't a JSON object", what) end
  return value
end

--- Asks for a JSON object by a request of a source's own.
---@param settings table of the client that wants the token
---@param what string who is asked, for the message
---@param request table as of session:request
---@param config table? more options of the client
---@param token string? that it goes with
---@return table? value
---@return string? message
---@return table? detail
function kit.ask(settings, what, request, config, token)
  local answer, message, detail = kit.request(settings, config or {}, request, token)
  if not answer then return nil, message, detail end
  return kit.object(answer, what)
end

return kit
