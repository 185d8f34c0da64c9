//! Every check and test, in order, the quick ones first; the first failure ends it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, command, output, root, run, rustup_add, succeeds};
use crate::{bundle, site};

/// Runs every check and test.
pub(crate) fn test() -> Result<()> {
    let start = Instant::now();
    stage("toolchain", require_toolchain)?;
    stage("format", || run(&mut cargo(&["fmt", "--all", "--check"])))?;
    stage("clippy, native", || {
        clippy(&["--workspace", "--all-targets"])
    })?;
    stage("clippy, wasm32", || {
        clippy(&[
            "--workspace",
            "--exclude",
            "xtask",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
        ])
    })?;
    stage("documentation", || {
        let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    stage("Rust tests", || {
        run(&mut cargo(&["test", "--workspace", "--quiet"]))
    })?;
    // Everywhere the browser tests run the kernels in software; this builds wgpu natively as well, which takes minutes.
    if std::env::var_os("REQUIRE_GPU").is_some() {
        stage("engines, natively", || {
            run(&mut cargo(&[
                "test",
                "--quiet",
                "--features",
                "gpu",
                "--test",
                "engines",
            ]))
        })?;
    }
    stage("site", || bundle::bundle().map(|_| ()))?;
    let chromium = stage("Chromium", chromium)?;
    stage("npm packages", || {
        npm_ci("tests/browser")?;
        npm_ci("examples/slides")
    })?;
    stage("browser tests", || {
        let mut playwright = command("npx", &["--no-install", "playwright", "test"]);
        let target = site::target_directory()?;
        playwright.current_dir(root().join("tests/browser"));
        playwright
            .env("CHROMIUM", &chromium)
            .env("XTASK", std::env::current_exe()?);
        // Built with the Rust tests; an optimised one gives the same numbers.
        run(playwright.env("PROXPROP", target.join("debug/proxprop")))
    })?;
    println!("\nall passed in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn stage<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("── {name}");
    let start = Instant::now();
    let result = work().with_context(|| format!("{name} failed"))?;
    println!("   {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(result)
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

/// Chromium's path: `$CHROMIUM`, or the distribution's, which is installed if that is allowed.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Ok(path.into());
    }
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    apt_install("chromium")?;
    find_chromium().context(
        "apt-get has installed chromium, yet it is not on the PATH; set CHROMIUM to its path",
    )
}

fn find_chromium() -> Option<PathBuf> {
    [
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
    ]
    .into_iter()
    .find_map(find_program)
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn apt_install(package: &str) -> Result<()> {
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
            "the browser tests need {package}: install it (Debian: `apt-get install {package}`) or set CHROMIUM to a Chromium's path"
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
