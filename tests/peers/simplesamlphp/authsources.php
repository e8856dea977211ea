<?php
$config = [
    'people' => [
        'exampleauth:UserPass',
        'eve:eve has a password' => [
            'uid' => ['eve'],
            'mail' => ['eve@acme.example'],
            'givenName' => ['Ève'],
            'sn' => ['Lindqvist & Søn'],
            'eduPersonAffiliation' => ['employee', 'member'],
        ],
    ],
];
