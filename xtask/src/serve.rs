//! A server for the finished site, on this machine only.
//! What it sends is never kept by the browser: a rebuilt site is seen at the next reload.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::site;

/// How to serve.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The port; the next free one is used if it is taken (0: any free one)
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    /// Serve dist/ as it is
    #[arg(long)]
    no_build: bool,
    /// Serve below this path instead of `/`, as hosts of many projects do
    #[arg(long, value_name = "PATH", default_value = "/")]
    base: String,
}

/// Builds the site if asked, then serves it until interrupted.
pub(crate) fn serve(options: &Options) -> Result<()> {
    let base = base_path(&options.base)?;
    let folder = if options.no_build {
        site::dist()
    } else {
        site::build()?
    };
    if !folder.join("index.html").is_file() {
        bail!(
            "there is no site in {}; run `cargo xtask build` first",
            folder.display()
        );
    }
    serve_folder(&folder, &base, options.port, |address| {
        println!("serving {address}");
        if options.open
            && let Err(error) = open::that_detached(address)
        {
            eprintln!("cannot open a browser ({error}); open {address} yourself");
        }
    })
}

/// Serves a folder below `base` (`/` or `/…/`); `started` is told the address of its index.
pub(crate) fn serve_folder(
    folder: &Path,
    base: &str,
    port: u16,
    started: impl FnOnce(&str),
) -> Result<()> {
    let listener = listen(port)?;
    let address = format!("http://{}{base}", listener.local_addr()?);
    let files = ServeDir::new(folder);
    let router = if base == "/" {
        Router::new().fallback_service(files)
    } else {
        Router::new().nest_service(base, files)
    };
    let router = router
        .layer(SetResponseHeaderLayer::overriding(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(SetResponseHeaderLayer::overriding(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        started(&address);
        axum::serve(listener, router).await
    })?;
    Ok(())
}

/// Listens on `port` or, if it is taken, on the next free one.
fn listen(port: u16) -> Result<TcpListener> {
    for candidate in port..=u16::MAX {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, candidate)) {
            Ok(listener) => {
                listener.set_nonblocking(true)?;
                return Ok(listener);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot listen on 127.0.0.1:{candidate}"));
            }
        }
    }
    bail!("no port from {port} on is free")
}

/// `/` or `/a/b/` from what the user wrote.
fn base_path(text: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    if !text.chars().all(plain) || text.split('/').any(|part| part == "." || part == "..") {
        bail!(
            "the path to serve below must be made of letters, digits, `-_.~` and `/`, not `{text}`"
        );
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    Ok(parts
        .iter()
        .fold(String::from("/"), |path, part| path + part + "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_paths_begin_and_end_with_a_slash() {
        for (text, path) in [("/", "/"), ("", "/"), ("lab", "/lab/"), ("/a//b", "/a/b/")] {
            assert_eq!(base_path(text).unwrap(), path);
        }
        assert!(base_path("/../etc").is_err());
        assert!(base_path("/{x}").is_err());
    }

    #[test]
    fn a_taken_port_gives_the_next_free_one() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let next = listen(port).unwrap().local_addr().unwrap().port();
        assert!(next > port);
    }
}
