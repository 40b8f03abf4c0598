--- The body of a request, as the flags say: text, a file, or standard input.

local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"

local body = {}

local whole = 1024 * 1024 -- bytes; what is larger is read while it is sent, and can't be sent again after a 401

local function open(path)
  if path == "-" then return io.stdin end
  local file, why = io.open(path, "rb")
  if not file then outcome.stop(outcome.usage, "the body can't be read: " .. why) end
  return file
end

-- The text, or for more than a megabyte a reader of it.
local function source(path)
  local file = open(path)
  local first = file:read(whole) or ""
  local more = #first == whole and file:read(65536) or nil
  if not more then return first end
  local pieces = { first, more }
  return function() return table.remove(pieces, 1) or file:read(65536) end
end

local function text(word)
  local path = word:match "^@(.*)$"
  return path and source(path) or word
end

-- Several -d are one form, as for curl.
local function joined(words)
  if #words == 1 then return text(words[1]) end
  local parts = {}
  for i, word in ipairs(words) do
    parts[i] = text(word)
    if type(parts[i]) ~= "string" then
      outcome.stop(outcome.usage, "a file of more than a megabyte must be the only --data")
    end
  end
  return table.concat(parts, "&")
end

--- `{ name = value }` of "name=value" words; a name that comes again has a list.
---@param words string[]
---@param flag string for messages
---@return table
function body.fields(words, flag)
  local fields = {}
  for _, word in ipairs(words) do
    local name, value = word:match "^([^=]+)=(.*)$"
    if not name then outcome.stop(outcome.usage, ("%s takes NAME=VALUE, not '%s'"):format(flag, word)) end
    local old = fields[name]
    if old == nil then fields[name] = value
    elseif type(old) == "table" then old[#old + 1] = value
    else fields[name] = { old, value } end
  end
  return fields
end

local function has(headers, name)
  for each in pairs(headers) do
    if core.lower(each) == name then return true end
  end
  return false
end

--- Puts the body into the options of session:request.
---@param request table with `headers`
---@param given table the parsed flags
function body.add(request, given)
  local data, document, form = given.data[1] and given.data, given.json, given.form[1] and given.form
  if (data and 1 or 0) + (document and 1 or 0) + (form and 1 or 0) > 1 then
    outcome.stop(outcome.usage, "--data, --json and --form can't stand beside each other")
  end
  local kind
  if data then request.body, kind = joined(data), "application/x-www-form-urlencoded"
  elseif document then request.body, kind = text(document), "application/json"
  elseif form then request.form = body.fields(form, "--form") end
  if kind and not has(request.headers, "content-type") then request.headers["Content-Type"] = kind end
end

return body
