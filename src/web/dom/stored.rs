//! What the browser keeps for the page: a few words for good, more for as long as the tab is open, and the copy of the site
//! for when there is no network. Knows names and texts, not what they mean.

use super::elements::window;
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Storage;

/// All names that are kept for good.
const NAMES: [&str; 2] = [THEME, TOUR];
/// The look that was chosen.
pub(in crate::web) const THEME: &str = "theme";
/// That the tour was seen.
pub(in crate::web) const TOUR: &str = "tour";

/// What has been kept under a name; nothing where the browser keeps nothing.
pub(in crate::web) fn stored(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Keeps a text under a name. Refused in some private windows; it then lasts as long as the page.
pub(in crate::web) fn store(name: &str, text: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(name, text);
    }
}

/// The tab's own storage; none in frames and windows that are allowed nothing.
pub(in crate::web) fn of_tab() -> Option<Storage> {
    window().session_storage().ok()?
}

/// Forgets everything, the tab's storage too, and opens the page as it comes.
pub(in crate::web) fn reset() {
    if let Ok(Some(storage)) = window().local_storage() {
        NAMES
            .iter()
            .for_each(|name| drop(storage.remove_item(name)));
    }
    if let Some(storage) = of_tab() {
        let _ = storage.clear();
    }
    spawn_local(async {
        // What is refused here was not kept either.
        let _ = forget_copy().await;
        let location = window().location();
        let page = location.pathname().unwrap_or_default();
        let same = [location.search(), location.hash()]
            .iter()
            .all(|part| part.as_deref() == Ok(""));
        let _ = if same {
            location.reload()
        } else {
            location.replace(&page)
        };
    });
}

/// The copy of the site, and the service worker that answers with it.
async fn forget_copy() -> Result<(), JsValue> {
    let window = window();
    // Addresses that are not secure have neither.
    let has = |object: &JsValue, name: &str| {
        Reflect::get(object, &name.into()).is_ok_and(|v| !v.is_undefined())
    };
    if has(&window, "caches") {
        let caches = window.caches()?;
        for name in Array::from(&JsFuture::from(caches.keys()).await?) {
            let name = name.as_string().unwrap_or_default();
            if name.starts_with("proxprop-") {
                JsFuture::from(caches.delete(&name)).await?;
            }
        }
    }
    let navigator = window.navigator();
    if has(&navigator, "serviceWorker") {
        let workers = navigator.service_worker();
        let registration = JsFuture::from(workers.get_registration()).await?;
        if let Some(registration) = registration.dyn_ref::<web_sys::ServiceWorkerRegistration>() {
            JsFuture::from(registration.unregister()?).await?;
        }
    }
    Ok(())
}
