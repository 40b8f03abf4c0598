--- Stores of tokens, and their contents without secrets.

-- spec: spec/store/store_spec.lua

local core = require "airlock.core"

local store = {}

--- The folder that `store = true` stands for. Raises if neither XDG_STATE_HOME nor HOME is set.
---@return string path
---@see docs/store.md
function store.folder()
  return core.store_folder(true)
end

--- The records in a folder, without their secrets.
---@param folder? string by default the one of `store = true`
---@return airlock.record[]? records a folder that isn't there holds none
---@return string? message
---@return airlock.failure? detail of kind "store", such as "unsafe" or "unreadable"
---@see docs/store.md
function store.list(folder)
  if folder ~= nil and type(folder) ~= "string" then
    core.mistake("airlock.store.list: the folder must be a string, not a " .. type(folder))
  end
  return core.records(core.store_folder(folder or true))
end

return store
