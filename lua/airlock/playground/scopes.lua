--- What scopes of Space are made of, for whoever builds one: contexts and permission codes. The emulator has them.

local json = require "airlock.emulator.http.json"
local permissions = require "airlock.emulator.api.permissions"
local scope = require "airlock.emulator.oauth.scope"

local rights = {}

--- All permission codes, sorted.
---@return string[]
function rights.permissions()
  local out = json.list()
  for code in pairs(permissions.known) do out[#out + 1] = code end
  table.sort(out)
  return out
end

--- The contexts: `prefix` as it stands before a code; one that ends in a colon wants a name.
---@return table[]
function rights.contexts()
  return json.list {
    { prefix = "global", title = "global: the whole organization" },
      { prefix = "project:key:", title = "project:key: a project, by its key" },
    { prefix = "project:id:", title = "project:id: a project, by its id" },
      { prefix = "channel:", title = "channel: a channel, by its id" },
    { prefix = "packageRepository:", title = "packageRepository: by its id" },
  }
end

--- Why a scope isn't one of Space's; nil: it is.
---@param text string
---@return string? why
function rights.judge(text)
  if text == "" then return nil end
  local _, why = scope.parse(text)
  return why
end

return rights
