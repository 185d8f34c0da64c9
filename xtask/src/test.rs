//! Every check and test, in order, the quick ones first; the first failure ends it. Where the time went comes last.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, command, output, root, run, rustup_add, succeeds};
use crate::{bundle, site};

/// The test program that runs only where it is asked for.
const LONG: [&str; 4] = ["--package", "proxprop", "--test", "long"];

/// Runs every check and the quick tests, or the long tests alone, or those of the crate for burn alone.
pub(crate) fn test(long: bool, burn: bool) -> Result<()> {
    let mut stages = Stages(Vec::new());
    let result = if long {
        test_at_length(&mut stages)
    } else if burn {
        test_burn(&mut stages)
    } else {
        test_everything_quick(&mut stages)
    };
    print!("{}", stages.table());
    result?;
    if long {
        println!("the long tests passed");
    } else if burn {
        println!("the crate for burn passed; `cargo xtask test --long` has it on more backends");
    } else {
        println!(
            "all passed; the long tests are `cargo xtask test --long`, the crate for burn is `cargo xtask test --burn`"
        );
    }
    Ok(())
}

fn test_at_length(stages: &mut Stages) -> Result<()> {
    let long = |more: &[&str]| {
        let mut tests = cargo(&["test", "--quiet"]);
        run(tests.args(LONG).args(more))
    };
    stages.run("long tests, built", || long(&["--no-run"]))?;
    stages.run("long tests", || long(&[]))?;
    stages.run("site", || bundle::bundle().map(|_| ()))?;
    stages.run("Firefox", || {
        let firefox = match FIREFOX.find() {
            Ok(firefox) => firefox,
            Err(why) => {
                println!("left out: {why}");
                return Ok(());
            }
        };
        npm_ci("tests/browser")?;
        let mut checks = command("node", &["firefox.js"]);
        checks.current_dir(root().join("tests/browser"));
        checks.env("FIREFOX", firefox);
        run(checks.env("XTASK", std::env::current_exe()?))
    })?;
    stages.run("burn, Vulkan", || {
        let drivers = fs::read_dir("/usr/share/vulkan/icd.d");
        if drivers.is_ok_and(|mut drivers| drivers.next().is_some()) {
            return Ok(());
        }
        apt_install("mesa-vulkan-drivers", "VK_ICD_FILENAMES")
    })?;
    let burn = |more: &[&str]| {
        let mut tests = burn(&["test", "--quiet", "--features", "ndarray,wgpu"]);
        run(tests.args(more))
    };
    stages.run("burn, tests, built", || burn(&["--no-run"]))?;
    stages.run("burn, tests", || burn(&[]))
}

/// The crate for burn is a package of its own, with its own dependencies and target.
fn test_burn(stages: &mut Stages) -> Result<()> {
    stages.run("format", || run(&mut burn(&["fmt", "--check"])))?;
    stages.run("clippy", || {
        let mut clippy = burn(&["clippy", "--quiet", "--all-targets"]);
        run(clippy.args(["--", "-D", "warnings"]))
    })?;
    stages.run("clippy, the page's part of the engine", || {
        clippy(&[
            "--package",
            "proxprop-page",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
        ])
    })?;
    stages.run("documentation", || {
        let mut doc = burn(&["doc", "--no-deps", "--quiet"]);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    let tests = |more: &[&str]| run(burn(&["test", "--quiet"]).args(more));
    stages.run("tests, built", || tests(&["--no-run"]))?;
    stages.run("tests", || tests(&[]))?;
    stages.run("package", || {
        run(&mut burn(&["package", "--quiet", "--allow-dirty"]))
    })
}

fn burn(arguments: &[&str]) -> Command {
    let mut cargo = cargo(arguments);
    cargo.current_dir(root().join("crates/proxprop-burn"));
    cargo
}

fn test_everything_quick(stages: &mut Stages) -> Result<()> {
    stages.run("toolchain", require_toolchain)?;
    stages.run("format", || run(&mut cargo(&["fmt", "--all", "--check"])))?;
    stages.run("clippy, native", || {
        clippy(&["--workspace", "--all-targets"])?;
        // All targets but those that run only where they are asked for.
        clippy(&LONG)
    })?;
    stages.run("clippy, wasm32", || {
        clippy(&[
            "--workspace",
            "--exclude",
            "xtask",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
        ])
    })?;
    stages.run("documentation", || {
        let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    let tests = |more: &[&str]| {
        let mut tests = cargo(&["test", "--workspace", "--quiet"]);
        run(tests.args(more))
    };
    stages.run("Rust tests, built", || tests(&["--no-run"]))?;
    stages.run("Rust tests", || tests(&[]))?;
    // Everywhere the browser tests run the kernels in software; this builds wgpu natively as well, which takes minutes.
    if std::env::var_os("REQUIRE_GPU").is_some() {
        stages.run("engines, natively", || {
            run(&mut cargo(&[
                "test",
                "--quiet",
                "--features",
                "gpu",
                "--lib",
                "--test",
                "engines",
            ]))
        })?;
    }
    stages.run("site", || bundle::bundle().map(|_| ()))?;
    let chromium = stages.run("Chromium", chromium)?;
    stages.run("npm packages", || {
        npm_ci("tests/browser")?;
        npm_ci("examples/slides")
    })?;
    stages.run("browser tests", || {
        let mut playwright = command("npx", &["--no-install", "playwright", "test"]);
        let target = site::target_directory()?;
        playwright.current_dir(root().join("tests/browser"));
        playwright
            .env("CHROMIUM", &chromium)
            .env("XTASK", std::env::current_exe()?);
        // Built with the Rust tests; an optimised one gives the same numbers.
        run(playwright.env("PROXPROP", target.join("debug/proxprop")))
    })
}

/// What has been done, and the seconds it took.
struct Stages(Vec<(&'static str, f64)>);

impl Stages {
    fn run<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("── {name}");
        let start = Instant::now();
        let result = work();
        self.0.push((name, start.elapsed().as_secs_f64()));
        result.with_context(|| format!("{name} failed"))
    }

    /// One line each, and their sum.
    fn table(&self) -> String {
        let sum = self.0.iter().map(|(_, seconds)| seconds).sum();
        let rows = self.0.iter().copied().chain([("altogether", sum)]);
        let rows = rows.map(|(name, seconds)| format!("{name:<20}{seconds:>8.1} s\n"));
        std::iter::once("\n".to_owned()).chain(rows).collect()
    }
}

fn clippy(scope: &[&str]) -> Result<()> {
    run(cargo(&["clippy", "--quiet"])
        .args(scope)
        .args(["--", "-D", "warnings"]))
}

fn require_toolchain() -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !succeeds(&mut cargo(&[subcommand, "--version"]))? {
            rustup_add("component", component)?;
        }
    }
    site::require_target()
}

/// A browser: where its path may be said, what it is called, and the package that it comes in.
struct Browser {
    variable: &'static str,
    names: &'static [&'static str],
    package: &'static str,
}

const CHROMIUM: Browser = Browser {
    variable: "CHROMIUM",
    names: &[
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
    ],
    package: "chromium",
};

const FIREFOX: Browser = Browser {
    variable: "FIREFOX",
    names: &["firefox-esr", "firefox"],
    package: "firefox-esr",
};

/// Chromium's path.
pub(crate) fn chromium() -> Result<PathBuf> {
    CHROMIUM.find()
}

impl Browser {
    /// Its path as it is said, or the distribution's, which is installed if that is allowed.
    fn find(&self) -> Result<PathBuf> {
        if let Some(path) = std::env::var_os(self.variable) {
            return Ok(path.into());
        }
        let installed = || self.names.iter().find_map(|name| find_program(name));
        if let Some(path) = installed() {
            return Ok(path);
        }
        apt_install(self.package, self.variable)?;
        installed().with_context(|| {
            let Browser {
                variable, package, ..
            } = self;
            format!("apt-get has installed {package}, yet it is not on the PATH; set {variable} to its path")
        })
    }
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn apt_install(package: &str, variable: &str) -> Result<()> {
    let apt = find_program("apt-get").is_some();
    let root = output(&mut command("id", &["-u"])).is_ok_and(|id| id == "0");
    let apt_get = |arguments: &[&str]| -> Command {
        let mut line = if root {
            command("apt-get", arguments)
        } else {
            command("sudo", &["-n", "apt-get"])
        };
        if !root {
            line.args(arguments);
        }
        line.env("DEBIAN_FRONTEND", "noninteractive");
        line
    };
    if !apt || !(root || succeeds(&mut command("sudo", &["-n", "true"]))?) {
        bail!(
            "the tests need {package}: install it (Debian: `apt-get install {package}`) or set {variable} to its path"
        );
    }
    run(&mut apt_get(&["update", "-qq"]))?;
    run(&mut apt_get(&[
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
        package,
    ]))
}

/// Installs the npm packages of a folder by its lock file, unless they are there.
pub(crate) fn npm_ci(folder: &str) -> Result<()> {
    let folder = root().join(folder);
    let lock = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    if find_program("npm").is_none() {
        bail!(
            "the browser tests need Node.js 20 or newer with npm (Debian: `apt-get install nodejs npm`)"
        );
    }
    let mut npm = command("npm", &["ci", "--no-audit", "--no-fund"]);
    npm.current_dir(&folder)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run(&mut npm)?;
    fs::write(stamp, lock).context("cannot note which packages are installed")
}
