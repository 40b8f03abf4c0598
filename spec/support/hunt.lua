--- Processes that renew one login as fast as they can, and are killed at random moments.

local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local stage = require "spec.support.stage"

local hunt = {}

local code = [[
  local user = airlock.space { url = %q, client_id = %q, client_secret = %q, store = %q }:refresh_token(%q)
  local n = 0
  while true do
    local ok, message, detail = user:refresh()
    if not ok and detail.outcome ~= "transient" then return n .. " lost: " .. message end
    user:get "team-directory/profiles/me"
    n = n + 1
  end
]]

-- Every record there is can be read, and nothing else lies there but its lock, what is being written, and what was seen
-- before.
local function check(folder)
  for _, record in ipairs(expect.success(core.records(folder))) do
    assert(not record.unreadable, "a record that can't be read")
  end
  local strange = stage.shell("ls '" .. folder .. "' | grep -vE '^[0-9a-f]{64}(\\.lock|\\.new)?$'")
  assert(strange == "", "what is this: " .. strange)
end

--- Kills so many; `workers` of them renew at a time. Raises where a store isn't whole or the login is lost.
---@param kills integer
---@param workers integer
---@return table counts of `kills`, `renewals` (what the server gave), `pending` (kills between question and answer)
function hunt.run(kills, workers)
  local space, folder, others = stage.space { rotate = true, token_lifetime = 1, grace = 60 },
    stage.folder() .. "/tokens", 0
  local given = space:issue { person = "alice.first", offline = true }.refresh_token
  local text = code:format(space.url, space.client_id, space.client_secret, folder, given)
  local function token()
    others = others + 1
    local client = stage.client(space, { store = folder, introspection_endpoint = space.url .. "/other/" .. others })
    return client:refresh_token(given):token()
  end
  expect.success(token())
  local counts, hunted = { kills = 0, renewals = 0, pending = 0 }, {}
  for i = 1, workers do hunted[i] = crowd.start(1, text) end
  for _, one in ipairs(hunted) do one:go() end
  while counts.kills < kills do
    local i = math.random(workers)
    local fresh = crowd.start(1, text) -- others go on meanwhile
    fresh:go()
    poll.run(math.random() * 0.05)
    assert(not hunted[i]:said(1), hunted[i]:said(1))
    hunted[i]:clear()
    counts.kills = counts.kills + 1
    if (stage.shell("cat '" .. folder .. "'/* 2>/dev/null")):find('"begun":', 1, true) then
      counts.pending = counts.pending + 1
    end
    check(folder)
    hunted[i] = fresh
    if counts.kills % 50 == 0 then
      counts.renewals = counts.renewals + space:count "/oauth/token"
      space:forget_journal()
    end
  end
  for _, one in ipairs(hunted) do one:clear() end
  poll.run(0.1)
  expect.success(token())
  check(folder)
  counts.renewals = counts.renewals + space:count "/oauth/token"
  return counts
end

return hunt
