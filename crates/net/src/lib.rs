//! The one window to the street: HTTP with retries, proxies, an offline switch and a mirror.
