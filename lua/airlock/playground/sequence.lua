--- What happened, in order: steps, messages, and what Airlock made of them.

local compat = require "airlock.compat"
local json = require "airlock.emulator.http.json"
local message = require "airlock.playground.message"

local picture = {}
picture.__index = picture

---@return table picture
function picture.new()
  return setmetatable({ entries = {}, version = 0 }, picture)
end

--- Something changed.
function picture:touch()
  self.version = self.version + 1
end

local function add(self, entry)
  entry.id = #self.entries + 1
  self.entries[entry.id] = entry
  self:touch()
  return entry
end

--- A step begins.
---@param title string
function picture:step(title)
  add(self, { kind = "step", title = title })
end

--- A message.
---@param from string
---@param to string
---@return table message
function picture:message(from, to)
  return add(self, message.new(from, to))
end

--- What the application made of it.
---@param tone string "info", "good" or "bad"
---@param text string
---@param detail table? of a failure
---@param value string? what the program gets, as Lua writes it
function picture:note(tone, text, detail, value)
  add(self, { kind = "note", tone = tone, text = text, detail = detail, value = value })
end

--- A failure, as `nil, message, detail` brought it.
---@param text string
---@param detail table
function picture:failure(text, detail)
  self:note("bad", text, { kind = detail.kind, code = detail.code, outcome = detail.outcome, status = detail.status,
    description = detail.description, error = detail.error })
end

local function same(a, b)
  return a.kind == "message" and b.kind == "message" and a.path == b.path and a.method == b.method and a.from == b.from
end

-- A device's program asks again and again, and several callers ask for the same: that is drawn once, with a number.
local function joins(before, entry)
  if not before or not same(before, entry) then return false end
  return before.gist == "authorization_pending" or entry.crowd ~= nil and entry.crowd == before.crowd
    and entry.status == before.status
end

local function joined(self, endpoints)
  local out = {}
  for _, entry in ipairs(self.entries) do
    local shown = entry.view and entry:view(endpoints) or entry
    if entry.view then shown.crowd = entry.crowd end
    local again = joins(out[#out], shown)
    if again then shown.times = (out[#out].times or 1) + 1 end
    out[again and #out or #out + 1] = shown
  end
  return out
end

-- How many of the server's own pages follow each other; the last one isn't among them where it sends the browser on.
local function pages_from(shown, first)
  local last = first
  while shown[last + 1] and shown[last + 1].page do last = last + 1 end
  local status = shown[last].status or 0
  return status >= 300 and status < 400 and last - 1 or last
end

--- As the page gets it: what goes on between the browser and the server's sign-in pages is one group.
---@param endpoints table<string, string>? of the server
---@return table[] entries
function picture:view(endpoints)
  local shown, out, i = joined(self, endpoints), {}, 1
  while shown[i] do
    local last = shown[i].page and shown[i - 1] and shown[i - 1].page and pages_from(shown, i) or i
    if last > i then
      out[#out + 1] = { kind = "group", id = shown[i].id, entries = json.list { compat.unpack(shown, i, last) } }
    else
      out[#out + 1] = shown[i]
    end
    i = math.max(last, i) + 1
  end
  return out
end

return picture
