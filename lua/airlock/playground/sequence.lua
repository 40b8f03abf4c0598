--- What happened, in order: steps, messages, and what Airlock made of them.

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
function picture:note(tone, text, detail)
  add(self, { kind = "note", tone = tone, text = text, detail = detail })
end

--- A failure, as `nil, message, detail` brought it.
---@param text string
---@param detail table
function picture:failure(text, detail)
  self:note("bad", text, { kind = detail.kind, code = detail.code, outcome = detail.outcome, status = detail.status,
    description = detail.description, error = detail.error })
end

-- A device's program asks again and again: only the last time is drawn, and how often it was.
local function joins(before, entry)
  return before ~= nil and before.kind == "message" and entry.kind == "message"
    and before.gist == "authorization_pending"
    and entry.path == before.path and entry.from == before.from
end

--- As the page gets it.
---@return table[] entries
function picture:view()
  local out = {}
  for _, entry in ipairs(self.entries) do
    local shown = entry.view and entry:view() or entry
    local again = joins(out[#out], shown)
    if again then shown.times = (out[#out].times or 1) + 1 end
    out[again and #out or #out + 1] = shown
  end
  return out
end

return picture
