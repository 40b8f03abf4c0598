-- What .ci/run, tools/test and tools/systems make of what they run: failures count, and gaps for lack of a mirror or of
-- time are told. Their commands are played here by scripts; the real ones run the suite that this spec belongs to.

local stage = require "spec.support.stage"

describe("CI", function()
  after_each(stage.clear)

  local folder

  before_each(function() folder = stage.folder() end)

  local function script(name, text)
    local path = folder .. "/" .. name
    stage.shell(("mkdir -p \"$(dirname '%s')\""):format(path))
    local file = assert(io.open(path, "w"))
    file:write("#!/bin/sh\n", text, "\n")
    file:close()
    stage.shell(("chmod +x '%s'"):format(path))
    return path
  end

  -- What a command says, with the scripts in bin/ before those of the system, and the exit code on a line of its own.
  local function said(command)
    return stage.shell(("env -i PATH='%s/bin':\"$PATH\" HOME='%s' sh -c '%s; echo code $?' </dev/null 2>&1")
      :format(folder, folder, command))
  end

  local function has(text, ...)
    for _, part in ipairs { ... } do assert.truthy(text:find(part, 1, true), part .. " isn't in:\n" .. text) end
  end

  describe("by tools/test", function()
    local function suite(text, environment)
      local make = script("make", ('case "$*" in *spec-command*) echo "exec sh %s";; esac')
        :format(script("suite", text)))
      return said(("MAKE=%s %s tools/test 5.4"):format(make, environment or ""))
    end

    it("counts what passed, failed and was skipped", function()
      has(suite 'printf "ok 1 - a\\nok 2 - # SKIP b\\nnot ok 3 - c\\n# why\\n1..3\\n"; exit 1',
        "lua5.4: not ok 3 - c\n# why\n", "\n1 passed, 1 failed, 1 skipped\ncode 1\n")
      has(suite 'printf "ok 1 - a\\n1..1\\n"', "\n1 passed, 0 failed\ncode 0\n")
    end)

    it("fails for a suite that ends early, and says where it was", function()
      has(suite 'printf "ok 1 - a\\n# running b\\n"', "lua5.4: it was running: b\n", "\n1 passed, 1 failed\ncode 1\n")
      has(suite('printf "ok 1 - a\\n# running b\\n"; exec sleep 600', "TEST_LIMIT=1"),
        "lua5.4: stopped after 1 s before", "1 failed\ncode 1\n")
    end)

    it("leaves out what there is no time for, and doesn't fail for what was slow", function()
      has(suite("exit 1", "TEST_UNTIL=1"), "lua5.4: left out, as time ran short\n", "\n0 passed, 0 failed\ncode 1\n")
      has(suite('echo "ok 1 - a"; exec sleep 600', "TEST_UNTIL=$(($(date +%s) + 3))"), ", as time ran short",
        " passed, 0 failed\n")
    end)

    it("fails for what hung, though time ran short", function()
      local text = suite("touch -d '10 minutes ago' /proc/self/fd/1; exec sleep 600", "TEST_UNTIL=$(($(date +%s) + 3))")
      if text:find(": left out", 1, true) then return pending "this machine is too slow for it" end
      has(text, "lua5.4: stopped after", "\n0 passed, 1 failed\ncode 1\n")
    end)
  end)

  describe("by tools/systems", function()
    local suite = "airlock-spec-" .. tostring({}):match "0?x?(%x+)$"

    after_each(function() stage.shell(("rm -rf build/systems/%s build/systems/%s.log"):format(suite, suite)) end)

    -- The commands that make a chroot and run in it.
    local function systems(made, ran)
      script("bin/id", "echo 0")
      script("bin/mmdebstrap", "exit 1")
      script("bin/unshare", ([[
case "$*" in
  *" true") ;;
  *mmdebstrap*) mkdir -p build/systems/%s/etc/apt/apt.conf.d; %s ;;
  *) %s ;;
esac]]):format(suite, made, ran))
      return said("LUAS=5.4 tools/systems " .. suite)
    end

    it("leaves all out where one isn't root", function()
      script("bin/id", "echo 1000")
      has(said "tools/systems trixie", "systems: left out: chroots are made as root\n0 passed, 0 failed\ncode 0\n")
    end)

    it("leaves a system out whose mirror fails, before or within", function()
      has(systems('echo "E: Unable to fetch"; exit 100', "exit 1"), "E: Unable to fetch\n",
        suite .. " is left out: mmdebstrap or the mirror failed", "\n0 passed, 0 failed\ncode 0\n")
      has(systems("true", 'echo "E: Failed to fetch x"; exit 2'), suite .. " is left out: the mirror failed",
        "\n0 passed, 0 failed\ncode 0\n")
      has(systems("true", "kill -9 $$"), suite .. " is left out: 7200 s weren't enough",
        "\n0 passed, 0 failed\ncode 0\n")
    end)

    it("fails for what failed within, with its reasons, and for what said nothing", function()
      local log = script("log", [[cat <<'END'
lua5.4: not ok 3 - c
# why
lua5.4: 5 passed, 1 failed, 2 skipped (1.0 s)
5 passed, 1 failed, 2 skipped
systems: versions 5.4|5.4.7|8.14.1
END]])
      has(systems("true", "exec " .. log), "lua5.4: not ok 3 - c\n# why\n",
        ("\n| %s | 5.4.7 | 8.14.1 | 5 | 1 | 2 |\n5 passed, 1 failed\ncode 1\n"):format(suite))
      has(systems("true", "exit 3"), "\n0 passed, 1 failed\ncode 1\n")
    end)

    it("makes no row of a part", function()
      local log = script("log", [[cat <<'END'
lua5.4: 5 passed, 0 failed, 2 skipped (1.0 s)
lua5.4: stopped, as time ran short; what ran until then counts
5 passed, 0 failed, 2 skipped
END]])
      local text = systems("true", "exec " .. log)
      has(text, "lua5.4: stopped, as time ran short", "\n5 passed, 0 failed\ncode 0\n")
      assert.is_nil(text:find("|", 1, true))
    end)
  end)

  describe("by .ci/run", function()
    local function run(make, systems, environment)
      script("bin/make", make)
      script("tools/setup", "exit 0")
      script("tools/systems", systems)
      stage.shell(("mkdir -p '%s/.ci' && cp .ci/run '%s/.ci/run'"):format(folder, folder))
      return said(("%s %s/.ci/run"):format(environment or "CI_SYSTEMS=trixie", folder))
    end

    it("adds up the suites here and in the chroot, and shows what both say", function()
      local text = run('[ "$1" != test ] || { echo here; echo "5 passed, 0 failed, 2 skipped"; }',
        'echo there; echo "7 passed, 0 failed"')
      assert.equal("here\nthere\n12 passed, 0 failed, 2 skipped\ncode 0\n", text)
    end)

    it("fails where one of both does, or ends without a count", function()
      local fine, not_fine = 'echo "5 passed, 0 failed"', 'echo "5 passed, 1 failed"; exit 1'
      local function test(text) return '[ "$1" != test ] || { ' .. text .. "; }" end
      has(run(test(fine), not_fine), "10 passed, 1 failed\ncode 1\n")
      has(run(test(not_fine), fine), "10 passed, 1 failed\ncode 1\n")
      has(run(test "exit 7", fine), "5 passed, 1 failed\ncode 1\n")
      has(run('case $1 in test) ' .. fine .. ";; lint) exit 1;; esac", fine), "lint failed", "\ncode 1\n")
      has(run('case $1 in test) ' .. fine .. ";; fuzz) exit 1;; esac", fine), "a fuzz target fell", "\ncode 1\n")
    end)

    it("leaves the chroot out where there is no time for it, or nobody wants one", function()
      has(run('[ "$1" != test ] || echo "5 passed, 0 failed"', "exit 1", "CI_SYSTEMS="),
        "systems: none is tried (CI_SYSTEMS)\n5 passed, 0 failed\ncode 0\n")
      has(run('[ "$1" != test ] || echo "5 passed, 0 failed"', "exit 1", "CI_SYSTEMS=trixie CI_LIMIT=200"),
        "systems: trixie is left out: there is no time left", "5 passed, 0 failed\ncode 0\n")
    end)
  end)
end)
