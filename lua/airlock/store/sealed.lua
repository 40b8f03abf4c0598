--- Sealed records: option `store = { folder, key }`, and the seal around a store of another kind.
-- A sealed record is a line that says so with the record's generation, and behind it nonce, ciphertext and tag. The
-- record's name and generation are authenticated, so it can't be put in another's place.

-- spec: spec/store/sealed_spec.lua

local core = require "airlock.core"
local keys = require "airlock.store.key"

local sealed = {}

local head = "^airlock%-sealed 1 (%d+)\n()"

local function label(name, generation) return ("airlock record %s %s"):format(name, generation) end

local function seal(key, name, text)
  local generation = text:match '"generation":(%d+)' or "0"
  local made = key:seal(label(name, generation), text)
  if made then return ("airlock-sealed 1 %s\n%s"):format(generation, made) end
  return nil, "the record can't be sealed: memory or randomness ran out"
end

-- The plain text; false: none of the keys opens it.
local function open(list, name, text, generation, at)
  local body = text:sub(at)
  for _, key in ipairs(list) do
    local plain = key:open(label(name, generation), body)
    if plain then return plain end
  end
  return false
end

local lost = "the record is sealed with another key, or was altered"

--- A store whose records are sealed on their way into another one.
---@param inner airlock.store_functions
---@param source fun(): table?, string?, string?
---@param aside? fun(name: string): string? takes a record that no key opens out of the way
---@return airlock.store_functions
function sealed.wrap(inner, source, aside)
  local store = { unlock = inner.unlock }

  function store.load(name)
    local text, why, code = inner.load(name)
    local generation, at = (text or ""):match(head)
    if not generation then return text, why, code end
    local list
    list, why, code = source()
    if not list then return nil, why, code end
    local plain = open(list, name, text, generation, at)
    if plain then return plain end
    return nil, lost .. (aside and aside(name) or ""), "sealed"
  end

  -- The key is there before anything is asked for that would have to be sealed.
  function store.lock(name, lease)
    local list, why, code = source()
    if not list then return nil, why, code end
    return inner.lock(name, lease)
  end

  function store.save(name, text, fence)
    if not text then return inner.save(name, nil, fence) end
    local list, why, code = source()
    if not list then return nil, why, code end
    local made
    made, why = seal(list[1], name, text)
    if not made then return nil, why end
    return inner.save(name, made, fence)
  end

  store.list = inner.list
  return store
end

--- A folder's records as the functions of a store, and what takes a record out of the way. The lock is the system's own
--- and ends with its holder, so no lease is needed.
---@param folder string
---@return airlock.store_functions
---@return fun(name: string): string
function sealed.files(folder)
  local held, fences = {}, 0
  local store = {}

  function store.load(name) return core.store_load(folder, name) end

  function store.lock(name)
    local lock, why, code = core.store_lock(folder, name)
    if not lock then return nil, why, code end
    fences = fences + 1
    held[fences] = lock
    return fences
  end

  function store.save(_, text, fence)
    local lock = held[fence]
    if not lock then return false end
    return lock:save(text)
  end

  function store.unlock(_, fence)
    local lock = held[fence]
    held[fence] = nil
    if lock then lock:unlock() end
  end

  function store.list()
    local names = {}
    for i, found in ipairs(core.records(folder) or {}) do names[i] = found.name end
    return names
  end

  local function aside(name)
    local lock = core.store_lock(folder, name)
    if not lock then return "; somebody else has its lock" end
    local done, why = lock:set_aside()
    lock:unlock()
    return done and "; it was set aside, and a login makes a new one" or "; " .. tostring(why)
  end

  return store, aside
end

--- The store that `{ folder, key }` stands for: a folder's path where there is no key.
---@param options { folder: true|string, key: any }
---@param whose string begins the message of a mistake
---@return string|airlock.store_functions
function sealed.open(options, whose)
  whose = whose .. ": option 'store'"
  for name in pairs(options) do
    if name ~= "folder" and name ~= "key" then
      core.mistake(("%s: unknown member '%s' (it takes: folder, key)"):format(whose, tostring(name)))
    end
  end
  local folder = options.folder
  if folder ~= true and (type(folder) ~= "string" or folder == "") then
    core.mistake(whose .. ": 'folder' must be true or a path")
  end
  folder = core.store_folder(folder)
  if options.key == nil then return folder end
  local store, aside = sealed.files(folder)
  return sealed.wrap(store, keys.source(options.key, whose), aside)
end

return sealed
