-- Processes are killed, masters fork, threads have a Lua state each: the store stays whole, and one of them renews.

local core = require "airlock.core"
local expect = require "spec.support.expect"
local hunt = require "spec.support.hunt"
local stage = require "spec.support.stage"

local has_ffi, ffi = pcall(require, "ffi")
if has_ffi then pcall(ffi.cdef, "int fork(void); void _exit(int); int waitpid(int, int *, int);") end

describe("a store", function()
  after_each(stage.clear)

  it("stays whole and keeps its login where its users are killed at random moments", function()
    local counts = hunt.run(12, 3) -- `make soak` kills a thousand
    assert.equal(12, counts.kills)
    assert.is_true(counts.renewals > 12)
  end)

  -- A session whose token is in the store and has expired.
  local function login()
    local emulator = require "airlock.emulator"
    local process = emulator.spawn { rotate = true, token_lifetime = 2 }
    stage.keep(function() process:stop() end)
    local folder = stage.folder() .. "/tokens"
    local client = stage.client(process, { store = folder, client_id = process.client_id })
    local user = expect.success(client:password { username = "alice.first", password = "password-of-alice.first", scope = "**",
      access_type = "offline", account = "alice" })
    return user, folder, process
  end

  it("makes one renewal for eight workers that a master forks after it has opened it", function()
    if not has_ffi then pending "forking needs LuaJIT's ffi" end
    local user, folder = login()
    local said = stage.folder()
    core.wait(0)
    local stop = core.now() + 2.1
    while core.now() < stop do core.wait(0.05) end
    local pids = {}
    for i = 1, 8 do
      pids[i] = ffi.C.fork()
      if pids[i] == 0 then
        pcall(function()
          local ok, message = user:get "team-directory/profiles/me"
          local file = io.open(said .. "/" .. i, "wb")
          file:write(ok and ok.username or message)
          file:close()
        end)
        ffi.C._exit(0)
      end
    end
    for i = 1, 8 do ffi.C.waitpid(pids[i], nil, 0) end
    for i = 1, 8 do assert.equal("alice.first", stage.read(said .. "/" .. i)) end
    expect.success(user:get "team-directory/profiles/me")
    local generation
    for _, record in ipairs(core.records(folder)) do generation = record.generation end
    assert.is_true(generation == 2 or generation == 3, "generation " .. tostring(generation)) -- 3: its two seconds were over again
  end)

  it("makes one renewal for four threads with a Lua state each", function()
    if _VERSION ~= "Lua 5.4" or os.getenv "AIRLOCK_UNDER" ~= "" then pending "this runs under Lua 5.4, and no tool around it" end
    local user, folder, process = login()
    expect.success(user:token())
    local stop = core.now() + 2.1
    while core.now() < stop do core.wait(0.05) end
    local program = stage.folder() .. "/threads"
    local flags = "$(pkg-config --cflags --libs lua5.4 2>/dev/null || pkg-config --cflags --libs lua)"
    local built = stage.shell(("cc -std=c11 -O1 -g -o '%s' spec/threads/threads.c %s -lpthread 2>&1; echo $?"):format(program, flags))
    assert.equal("0", built:match "(%d+)%s*$", built)
    local code = ([[
      package.path, package.cpath = %q, %q
      local client = require "airlock".space { url = %q, client_id = %q, client_secret = %q, store = %q }
      local user = assert(client:session { account = "alice", scope = "**", grant = "password" })
      for _ = 1, 8 do assert(user:get "team-directory/profiles/me") end
    ]]):format(package.path, package.cpath, process.url, process.client_id, process.client_secret, folder)
    local path = stage.file(code, "code.lua")
    assert.equal("4 of 4\n", stage.shell(("'%s' 4 '%s' 2>&1"):format(program, path)))
    for _, record in ipairs(core.records(folder)) do assert.is_true(record.generation == 2 or record.generation == 3) end
  end)
end)
