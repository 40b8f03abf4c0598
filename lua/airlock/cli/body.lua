--- The body of a request, as the flags say: text, a file, or standard input.

local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"

local body = {}

local whole = 1024 * 1024 -- bytes; what is larger is read while it is sent

local function open(path, what)
  if path == "-" then return io.stdin end
  local file, why = io.open(path, "rb")
  if not file then outcome.stop(outcome.usage, ("the %s can't be read: %s"):format(what, why)) end
  return file
end

local function read(file, path, ...)
  local bytes, why = file:read(...)
  if bytes == nil and why then outcome.stop(outcome.usage, ("'%s' can't be read: %s"):format(path, why)) end
  return bytes
end

-- The text; of more than a megabyte the file, or for what can't be read again a reader of it.
local function source(path)
  local file = open(path, "body")
  local from = file:seek()
  local first = read(file, path, whole) or ""
  if #first < whole then return first end
  if from and file:seek("set", from) then return file end
  local pieces = { first }
  return function() return table.remove(pieces, 1) or file:read(65536) end
end

local function text(word)
  local path = word:match "^@(.*)$"
  return path and source(path) or word
end

-- JSON that is sound, as it was written.
local function document_of(word)
  local path = word:match "^@(.*)$"
  local bytes = path and (read(open(path, "body"), path, "*a") or "") or word
  bytes = bytes:gsub("^\239\187\191", "") -- a byte order mark is no part of it (RFC 8259 section 8.1)
  local value, why, _, line, column = core.json.decode(bytes)
  if value ~= nil then return bytes end
  outcome.stop(outcome.usage, ("what --json was given%s isn't JSON: in line %d, column %d it %s"):format(
    path and path ~= "-" and (" in '%s'"):format(path) or "", line, column, why))
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

-- "@PATH;type=image/png;filename=a.png" as a part; `-` is standard input.
local function file_part(name, value)
  local part, rest = { name = name }, value
  repeat
    local left, key, said = rest:match "^(.*);(%l+)=([^;]*)$"
    local known = key == "type" or key == "filename"
    if known then part[key], rest = part[key] or said, left end
  until not known
  local path = rest:gsub("^@", "")
  if path == "-" then
    part.body = io.stdin
    return part
  end
  local file = open(path, ("file of the field '%s'"):format(name))
  file:close()
  part.path = path
  return part
end

-- The parts of a form that has files: fields first, each list in the order of the command line.
local function parts_of(fields, files)
  local parts = {}
  local function each(words, flag, what, make)
    for _, word in ipairs(words) do
      local name, value = word:match "^([^=]+)=(.*)$"
      if not name then outcome.stop(outcome.usage, ("%s takes %s, not '%s'"):format(flag, what, word)) end
      parts[#parts + 1] = make(name, value)
    end
  end
  each(fields, "--form", "NAME=VALUE", function(name, value) return { name = name, body = value } end)
  each(files, "--file", "FIELD=@PATH", file_part)
  return parts
end

local function has(headers, name)
  for each in pairs(headers) do
    if core.lower(each) == name then return true end
  end
  return false
end

local function add_form(request, fields, files)
  if files[1] then request.multipart = parts_of(fields, files)
  else request.form = body.fields(fields, "--form") end
end

--- Puts the body into the options of session:request.
---@param request table with `headers`
---@param given table the parsed flags
---@return boolean whether there is one
function body.add(request, given)
  local data, document, form = given.data[1], given.json, given.form[1] or given.file[1]
  if (data and 1 or 0) + (document and 1 or 0) + (form and 1 or 0) > 1 then
    outcome.stop(outcome.usage, "--data, --json and --form or --file can't stand beside each other")
  end
  local kind
  if data then request.body, kind = joined(given.data), "application/x-www-form-urlencoded"
  elseif document then request.body, kind = document_of(document), "application/json"
  elseif form then add_form(request, given.form, given.file) end
  if kind and not has(request.headers, "content-type") then request.headers["Content-Type"] = kind end
  return (data or document or form) ~= nil
end

return body
