-- After fork() a child uses nothing of its parent's: connections, poller, calls under way. LuaJIT's ffi is what can
-- fork here.

local airlock = require "airlock"
local core = require "airlock.core"
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

local has_ffi, ffi = pcall(require, "ffi")
if has_ffi then pcall(ffi.cdef, "int fork(void); void _exit(int); int waitpid(int, int *, int);") end

-- Runs a function in a child; gives what it wrote to a file.
local function in_child(f)
  local path = stage.folder() .. "/said"
  local pid = ffi.C.fork()
  if pid == 0 then
    local ok, said = pcall(f)
    local file = io.open(path, "wb")
    file:write(tostring(ok), " ", tostring(said))
    file:close()
    ffi.C._exit(0)
  end
  ffi.C.waitpid(pid, nil, 0)
  return stage.read(path)
end

describe("fork", function()
  after_each(stage.clear)

  local function test(name, f)
    it(name, function()
      if not has_ffi then pending "forking needs LuaJIT's ffi" end
      f()
    end)
  end

  local function session()
    local process = emulator.spawn()
    stage.keep(function() process:stop() end)
    local client = airlock.space { url = process.url, client_id = process.client_id,
      client_secret = process.client_secret }
    return client:client_credentials { scope = "**" }, process
  end

  test("leaves the parent's connection to the parent, and takes the token along", function()
    local app = session()
    local token = expect.success(app:token())
    expect.success(app:get "organization")
    assert.equal("true My Company", in_child(function()
      assert(app:token() == token)
      return assert(app:get "organization").name
    end))
    expect.success(app:get "organization") -- its connection is as it was
  end)

  test("ends in the child what was under way, and goes on in the parent", function()
    local app = session()
    expect.success(app:token())
    local call = core.start(app, "GET", "organization")
    assert.equal("true cancelled forked", in_child(function()
      assert(app:get "organization")
      assert(call:wants() == "done")
      local detail = select(3, call:proceed())
      return detail.kind .. " " .. detail.code
    end))
    call:wait()
    assert.equal(200, (call:proceed()))
  end)
end)
