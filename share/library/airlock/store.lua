---@meta airlock.store
-- Made by `make reference` from lua/airlock/store.lua.

local store = {}

--- The folder that `store = true` stands for. Raises if neither XDG_STATE_HOME nor HOME is set.
---
--- Source: docs/store.md
---@return string path
function store.folder() end

--- The records in a folder, without their secrets.
---
--- Source: docs/store.md
---@param folder? string by default the one of `store = true`
---@return airlock.record[]? records a folder that isn't there holds none
---@return string? message
---@return airlock.failure? detail of kind "store", such as "unsafe" or "unreadable"
function store.list(folder) end

return store
