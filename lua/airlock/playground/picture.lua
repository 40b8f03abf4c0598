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

--- As the page gets it.
---@return table[] entries
function picture:view()
  local out = {}
  for i, entry in ipairs(self.entries) do out[i] = entry.view and entry:view() or entry end
  return out
end

return picture
