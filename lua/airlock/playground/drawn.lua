--- A trace that a program left in a file, as a picture.

local json = require "airlock.emulator.http.json"
local sequence = require "airlock.playground.sequence"

local drawn = {}
drawn.__index = drawn

local most, most_lines = 16 * 1024 * 1024, 2000 -- bytes and lines of a trace that are read

local told = {
  token_retry = "The token endpoint is asked again.", token_dropped = "401: the token is dropped, and another one got.",
  token_refused = "The token endpoint said no: %s", token_failed = "The token endpoint gave no answer: %s",
  retry = "The request is repeated.", token_adopted = "Another process has renewed the token: that one is used.",
  lock_wait = "Another process renews the token, and this one waits.", store_failed = "The store failed: %s",
  store_set_aside = "A record of the store can't be read, and was set aside.", deprecated = "A deprecated flow: %s",
  warning = "Something is odd: %s",
}

local function text(value, fallback)
  return type(value) == "string" and value or fallback
end

local function block(part, first)
  local head = text(type(part) == "table" and part.head, first)
  return head .. "\r\n", type(part) == "table" and text(part.body, "") or ""
end

local function add_message(picture, line)
  local m = picture:message("app", "server")
  local host = text(line.origin, ""):gsub("^%a+://", "")
  local head, body = block(line.request, ("%s %s HTTP/1.1\r\nHost: %s"):format(text(line.method, "GET"),
    text(line.path, "/"), host))
  m.out, m.over = head .. "\r\n" .. body, true
  local status = tonumber(line.status)
  if not status then
    m.why = text(line.why, text(line.code, "no answer"))
    return
  end
  m.head, m.body = block(line.response, ("HTTP/1.1 %d"):format(status))
end

local function add(picture, line)
  if line.event == "message" or line.event == "response" then return add_message(picture, line) end
  local words = told[line.event]
  if words then picture:note(line.code and "bad" or "info", words:format(text(line.code, "")), nil) end
end

local function read_all(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local all = file:read(most + 1)
  file:close()
  if not all then return nil, path .. ": is empty" end
  if #all > most then return nil, path .. ": is larger than 16 MiB" end
  return all
end

--- Reads a trace.
---@param path string
---@return table? drawn
---@return string? why
function drawn.read(path)
  local all, why = read_all(path)
  if not all then return nil, why end
  local picture, lines = sequence.new(), 0
  picture:step(path)
  for each in all:gmatch "[^\n]+" do
    local line = json.decode(each)
    if type(line) ~= "table" then return nil, ("%s: line %d isn't a line of a trace"):format(path, lines + 1) end
    lines = lines + 1
    if lines > most_lines then
      picture:note("info", ("The picture ends here: the trace has more than %d lines."):format(most_lines))
      break
    end
    add(picture, line)
  end
  return setmetatable({ path = path, picture = picture }, drawn)
end

--- As the page gets it: like a run that is over.
---@param number integer of the run that it stands for
---@return table
function drawn:view(number)
  return { number = number, version = self.picture.version, status = "done", way = "trace", outcome = "good",
    breakage = "none", acts = 0, left = false, actable = false, life = json.list(), trace = self.path,
    entries = json.list(self.picture:view()) }
end

return drawn
