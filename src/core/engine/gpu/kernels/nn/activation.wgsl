// Twin of nn::activation: σ and its slope.

// Twin: Activation::apply.
fn activate(z: f32) -> f32 {
    if is_nan(z) {
        return z;
    }
    switch plan.activation {
        case TANH: { return flushed(tanh_rational(z)); }
        case RELU: { return flushed(max(z, 0.0)); }
        case SIGMOID: { return flushed(1.0 / (1.0 + exp(-clamp(z, -87.0, 87.0)))); }
        case LEAKY_RELU: { return flushed(select(z, LEAK * z, z < 0.0)); }
        case SOFTPLUS: { return flushed(max(z, 0.0) + ln_1p(exp(-abs(z)))); }
        default: { return poison(); }
    }
}

// Twin: Activation::times_slope, from the activation.
fn slope(a: f32) -> f32 {
    switch plan.activation {
        case TANH: { return 1.0 - a * a; }
        case RELU: { return select(1.0, 0.0, a <= 0.0); }
        case SIGMOID: { return a * (1.0 - a); }
        case LEAKY_RELU: { return select(1.0, LEAK, a <= 0.0); }
        case SOFTPLUS: { return -exp_m1(-a); }
        default: { return poison(); }
    }
}
