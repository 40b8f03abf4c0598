-- A cloud's metadata service at its real address, in a network of its own where nobody else is.

local command = require "spec.support.command"
local core = require "airlock.core"
local stage = require "spec.support.stage"

local interpreter, under = os.getenv "AIRLOCK_LUA", os.getenv "AIRLOCK_UNDER" or ""

local function obstacle()
  if not interpreter then return "AIRLOCK_LUA isn't set" end
  local made = stage.shell("unshare -rn sh -c 'ip link set lo up && ip addr add 169.254.169.254/32 dev lo "
    .. "&& echo made' 2>&1 || true")
  if not made:find "made" then return "no network of our own can be made here (unshare, ip)" end
end

-- Answers what it is told to, and says what it was asked.
local service = [[
local socket, answers = require "socket", ANSWERS
local listener = assert(socket.bind("169.254.169.254", 80))
io.stdout:write "ready\n"
io.stdout:flush()
for _, answer in ipairs(answers) do
  local peer = listener:accept()
  local asked = {}
  repeat
    local line = peer:receive()
    asked[#asked + 1] = line
  until not line or line == ""
  io.stdout:write(table.concat(asked, "|"), "\n")
  io.stdout:flush()
  peer:send(answer)
  peer:close()
end
]]

local client = [[
local airlock = require "airlock"
local json = airlock.json
local session = airlock.client { base_url = "https://api.example/" }:token_source(SOURCE)
local token, message, detail = session:token()
local info = session:info()
print(json.encode { token = token, message = message, code = detail and detail.code,
  left = info.expires_at and info.expires_at - os.time() })
]]

describe("a metadata service", function()
  after_each(stage.clear)

  local missing = obstacle()
  local function case(rule, f)
    it(rule, function()
      if missing then return pending(missing) end
      return f()
    end)
  end

  -- Runs both in a network with that one address; gives what the client got, and what was asked.
  local function run(source, answers)
    local folder = stage.folder()
    local quoted = {}
    for i, answer in ipairs(answers) do quoted[i] = ("%q"):format(answer) end
    stage.write(folder .. "/service.lua", (service:gsub("ANSWERS", function()
      return "{ " .. table.concat(quoted, ", ") .. " }"
    end)))
    stage.write(folder .. "/client.lua", (client:gsub("SOURCE", function() return source end)))
    local q = command.quote
    local inner = ("ip link set lo up; ip addr add 169.254.169.254/32 dev lo; %s %s %s >%s/asked 2>&1 & "
      .. "%s %s %s; kill $! 2>/dev/null; wait"):format("", q(interpreter), q(folder .. "/service.lua"), q(folder),
      under, q(interpreter), q(folder .. "/client.lua"))
    local waiting = #answers > 0
      and inner:gsub("& ", ("& for i in $(seq 200); do grep -q ready %s/asked 2>/dev/null && break; sleep 0.02; done; ")
        :format(q(folder)), 1) or inner:gsub("; %s*[^;]* & ", "; ", 1)
    local out = stage.shell("unset LD_PRELOAD; unshare -rn sh -c " .. q(waiting) .. " 2>&1")
    return core.json.decode(out:match "(%b{})") or error(out), stage.read(folder .. "/asked") or ""
  end

  local function answer(head, body)
    return ("HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s")
      :format(head, #body, body)
  end

  case("of Google's is asked with its header, and its answer must have it", function()
    local got, asked = run('airlock.source.google_metadata { scopes = { "a", "b" } }',
      { answer("200 OK\r\nMetadata-Flavor: Google", '{"access_token":"g","expires_in":3000,"token_type":"Bearer"}') })
    assert.equal("g", got.token)
    assert.is_true(got.left > 2900 and got.left <= 3000)
    assert.is_truthy(asked:lower():find("get /computemetadata/v1/instance/service-accounts/default/token?scopes=a%2cb ",
      1, true), asked)
    assert.is_truthy(asked:find("Metadata-Flavor: Google", 1, true))
    got = run("airlock.source.google_metadata()", { answer("200 OK", '{"access_token":"g"}') })
    assert.same({ nil, "source_failed" }, { got.token, got.code })
    assert.is_truthy(got.message:find("isn't of Google's", 1, true))
  end)

  case("of Azure's is asked with its header, and says its seconds as text", function()
    local got, asked = run('airlock.source.azure_metadata { resource = "https://vault.azure.net", client_id = "me" }',
      { answer("200 OK", '{"access_token":"z","expires_in":"86399","token_type":"Bearer"}') })
    assert.equal("z", got.token)
    assert.is_true(got.left > 86000)
    assert.is_truthy(asked:find("GET /metadata/identity/oauth2/token?", 1, true), asked)
    assert.is_truthy(asked:lower():find("resource=https%3a%2f%2fvault.azure.net", 1, true)
      and asked:find("client_id=me", 1, true))
    assert.is_truthy(asked:find("Metadata: true", 1, true))
  end)

  case("that redirects, refuses or isn't there is a failure", function()
    local got, asked = run('airlock.source.azure_metadata { resource = "r" }',
      { answer("302 Found\r\nLocation: http://169.254.169.254/else", ""), answer("200 OK", '{"access_token":"z"}') })
    assert.is_nil(got.token)
    assert.equal("source_failed", got.code)
    local _, times = asked:gsub("GET ", "")
    assert.equal(1, times, asked)
    got = run('airlock.source.azure_metadata { resource = "r" }', { answer("400 Bad Request",
      '{"error":"invalid_resource","error_description":"no such thing"}') })
    assert.is_truthy(got.message:find("no such thing", 1, true), got.message)
    got = run("airlock.source.google_metadata()", {})
    assert.is_truthy(got.message:find("doesn't answer", 1, true), got.message)
  end)
end)
