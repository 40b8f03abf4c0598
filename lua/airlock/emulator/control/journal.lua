--- What the emulator received, in order. A test tool: it keeps tokens and secrets as they came.

local form = require "airlock.emulator.http.form"

local journal = {}
journal.__index = journal

local most = 10000 -- entries kept; the oldest goes first

---@return table journal
function journal.new()
  return setmetatable({ entries = {}, n = 0 }, journal)
end

--- Writes a call down.
---@param call table
---@return table entry `{ n, method, path, target, query, headers, form, body, authorization, remote, at, status }`
function journal:add(call)
  self.n = self.n + 1
  local entry = { n = self.n, method = call.method, path = form.unescape(call.path, true) or call.path,
    target = call.exchange.target, query = call.query, headers = call.headers, form = (call:form()), body = call.body,
    authorization = call.headers.authorization, remote = call.exchange.remote, at = call.at }
  self.entries[#self.entries + 1] = entry
  if #self.entries > most then table.remove(self.entries, 1) end
  return entry
end

--- How many calls were received to a path, or of which a predicate says yes; nil: all.
---@param what string|fun(entry: table): boolean|nil
---@return integer
function journal:count(what)
  local n = 0
  for _, entry in ipairs(self.entries) do
    local counts = what == nil or entry.path == what
    if type(what) == "function" then counts = what(entry) end
    if counts then n = n + 1 end
  end
  return n
end

--- Forgets all entries; the numbers go on.
function journal:forget()
  self.entries = {}
end

return journal
