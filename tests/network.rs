//! What is told of a network's neurons is what its forward pass computes.

use proxprop::frame::{NeuronLayer, Peek};
use proxprop::lab::session::{Command, Session, Watch};

/// A trained session whose neurons are watched.
fn watched(query: &str, peek: Peek) -> Session {
    let mut session = Session::new(query).unwrap();
    let watch = Watch {
        fields: true,
        neurons: Some(peek),
    };
    session.apply(Command::Watch(watch)).unwrap();
    session.advance(7);
    session
}

fn peek(most: usize, open: Option<[usize; 2]>) -> Peek {
    Peek { most, open }
}

#[test]
fn neurons_answer_what_their_weights_make_of_the_place() {
    let most = peek(16, Some([1, 2]));
    let mut session = watched("n=40&hidden=3,4&run=backprop,tau:0.5", most);
    let scene = session.scene().clone();
    let theta = session.ensemble().members()[0].state.thetas[0].clone();
    let network = session.progress().networks.remove(0);
    let sizes: Vec<_> = network.layers.iter().map(|l| (l.neurons, l.told)).collect();
    assert_eq!(sizes, [(2, 2), (3, 3), (4, 4), (2, 2)]);
    assert_eq!((network.columns, network.rows), (20, 20));

    let layer = &network.layers[1];
    assert_eq!(layer.range, (-1.0, 1.0));
    let open = network.open.as_ref().unwrap();
    assert_eq!((open.columns, open.rows, open.channels), (100, 100, 1));
    for neuron in 0..3 {
        let weights = layer.weights_of(neuron);
        let of_theta: Vec<f32> = theta.column(neuron).iter().copied().collect();
        assert_eq!(weights, of_theta);
        for (row, column) in [(0, 0), (3, 17), (19, 19), (10, 4)] {
            // The middle one of five by five cells of the field.
            let at = |cell: usize, range: (f64, f64)| {
                range.0 + (range.1 - range.0) * (cell as f64 * 5.0 + 2.5) / 100.0
            };
            let (x, y) = (at(column, scene.x) as f32, at(row, scene.y) as f32);
            let expected = (weights[0] * x + weights[1] * y + weights[2]).tanh();
            let told = layer.answer(layer.picture(neuron)[row * 20 + column]);
            assert!((told - expected).abs() < 0.005, "{told} for {expected}");
            if neuron == 2 {
                let fine = open.values[(row * 5 + 2) * 100 + column * 5 + 2];
                assert!((fine - expected).abs() < 1e-5, "{fine} for {expected}");
            }
        }
    }
    // Two classes' probabilities add up to 1.
    let answers = &network.layers[3];
    for (a, b) in answers.picture(0).iter().zip(answers.picture(1)) {
        let sum = answers.answer(*a) + answers.answer(*b);
        assert!((sum - 1.0).abs() < 0.005);
    }
}

#[test]
fn of_wide_layers_the_first_neurons_are_told_and_over_a_line_they_are_curves() {
    let query = "data=sine1d&n=20&hidden=40&act=relu&run=backprop,tau:0.1";
    let mut session = watched(query, peek(5, None));
    let network = session.progress().networks.remove(0);
    let sizes: Vec<_> = network.layers.iter().map(|l| (l.neurons, l.told)).collect();
    assert_eq!(sizes, [(1, 1), (40, 5), (1, 1)]);
    assert_eq!((network.columns, network.rows), (100, 1));
    assert_eq!(network.open, None);
    // The inputs answer where they are: a ramp.
    assert!(network.layers[0].picture(0).is_sorted());
    // The bias comes last, and the answer's weights are those of the five.
    assert_eq!(network.layers[1].weights_of(4).len(), 2);
    assert_eq!(network.layers[2].weights_of(0).len(), 6);
    let (low, high) = network.layers[1].range;
    assert!(high > 0.0 && low == -high);
    let lowest = network.layers[1].pictures.iter().min().unwrap();
    assert!(*lowest >= NeuronLayer::SHADES / 2, "relu is never negative");
}

#[test]
fn neurons_nobody_watches_are_not_told_and_watching_changes_no_number() {
    let query = "n=40&run=backprop,tau:0.5&run=prox-exact";
    let mut plain = Session::new(query).unwrap();
    plain.advance(7);
    let plain = plain.progress();
    assert!(plain.networks.is_empty());
    let watched = watched(query, peek(16, Some([9, 0]))).progress();
    assert_eq!(watched.networks.len(), 2);
    assert_eq!(watched.networks[0].open, None, "there is no such neuron");
    assert_eq!(watched.fields, plain.fields);
    let losses = |p: &proxprop::lab::session::Progress| -> Vec<f64> {
        p.frame.members.iter().map(|m| m.loss).collect()
    };
    assert_eq!(losses(&watched), losses(&plain));
}
